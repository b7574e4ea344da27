// A client in the shape of ioredis whose server keeps what is set, and answers scripts that read.

export interface FakeClient {
  readonly stored: Map<string, Buffer>;
  callBuffer(command: string, ...args: Array<string | Buffer>): Promise<unknown>;
}

export function fakeClient(): FakeClient {
  const stored = new Map<string, Buffer>();
  return {
    stored,
    async callBuffer(command, ...args) {
      if (command === 'SET') {
        stored.set(String(args[0]), args[1] as Buffer);
        return 'OK';
      }
      if (command === 'EVALSHA') throw new Error('NOSCRIPT No matching script');
      const found = stored.get(String(args[2]));
      return found === undefined ? null : [found, 0, 0];
    },
  };
}
