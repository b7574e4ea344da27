// Servers that tell what reaches them: one that speaks enough of the protocol, over TLS, and one that only listens.
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import type { ExecutionContext } from 'ava';

/** TLS without certificates, for servers and clients. */
export const ANONYMOUS = { ciphers: 'aNULL:@SECLEVEL=0', maxVersion: 'TLSv1.2', rejectUnauthorized: false } as const;

const ID = 'a'.repeat(40);
const HELLO = '%2\r\n$6\r\nserver\r\n$6\r\nvalkey\r\n$5\r\nproto\r\n:3\r\n';

export interface Listener {
  readonly port: number;
  /** Resolves with what the first connection begins with. The connection is closed then. */
  readonly first: Promise<Buffer>;
}

/** Listens in clear text. */
export async function listen(t: ExecutionContext): Promise<Listener> {
  const server = net.createServer((socket) => socket.on('error', () => {}));
  const first = new Promise<Buffer>((resolve) => {
    server.on('connection', (socket) => {
      socket.once('data', (data) => {
        resolve(data);
        socket.destroy();
      });
    });
  });
  return { port: await start(t, server), first };
}

export interface SecureNode {
  readonly port: number;
  readonly commands: string[][];
}

/** Starts a node of a cluster that has TLS, and says that the node at `master`, or it itself, has all slots. */
export async function secureNode(t: ExecutionContext, master?: number): Promise<SecureNode> {
  const commands: string[][] = [];
  const server = tls.createServer(ANONYMOUS);
  const port = await start(t, server);
  server.on('secureConnection', (socket) => {
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (data) => {
      text += data.toString('latin1');
      for (let command = commandIn(text); command !== undefined; command = commandIn(text)) {
        text = text.slice(command.length);
        commands.push(command.words);
        socket.write(replyTo(command.words, master ?? port));
      }
    });
  });
  return { port, commands };
}

function replyTo(words: string[], port: number): string {
  const name = words.slice(0, 2).join(' ').toUpperCase();
  if (name.startsWith('HELLO')) return HELLO;
  if (name.startsWith('EVAL')) return '_\r\n';
  if (name === 'CLUSTER SLOTS') return `*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n${bulk('127.0.0.1')}:${port}\r\n${bulk(ID)}`;
  if (name === 'CLUSTER NODES') return bulk(`${ID} 127.0.0.1:${port}@1 master - 0 0 1 connected 0-16383\n`);
  return '+OK\r\n';
}

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

/** Returns the words of a whole command at the start of the text, and its length. */
function commandIn(text: string): { words: string[]; length: number } | undefined {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (head === null) return undefined;
  let at = head[0].length;
  const words: string[] = [];
  while (words.length < Number(head[1])) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at));
    if (size === null) return undefined;
    at += size[0].length;
    words.push(text.slice(at, at + Number(size[1])));
    at += Number(size[1]) + 2;
  }
  return at <= text.length ? { words, length: at } : undefined;
}

async function start(t: ExecutionContext, server: net.Server): Promise<number> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}
