// The driver over a client of ioredis or iovalkey that the application has: commands only.
import type { EventEmitter } from 'node:events';
import { wrongValue } from './arguments.js';
import { addressesOf, type Argument, type Connection, type Driver, evaluate, type Route, within } from './driver.js';
import type { Script } from './script.js';

export interface IoredisClient extends Partial<Pick<EventEmitter, 'on'>> {
  readonly isCluster?: boolean;
  callBuffer(command: string, ...args: Argument[]): Promise<unknown>;
  readonly options?: { host?: string; port?: number };
  nodes?(role: 'master'): IoredisClient[];
}

export class IoredisDriver implements Driver {
  readonly #client: IoredisClient;
  readonly #connection: Connection;
  #changes = 0;

  constructor(client: IoredisClient, connection: Connection) {
    this.#client = client;
    this.#connection = connection;
    for (const event of ['close', 'ready', 'reconnecting', '+node', '-node']) client.on?.(event, () => (this.#changes += 1));
  }

  command(_key: string | undefined, args: Argument[]): Promise<unknown> {
    return this.#send(this.#client, args);
  }

  script(script: Script, keys: string[], args: Argument[]): Promise<unknown> {
    return evaluate((command) => this.#send(this.#client, command), script, keys, args);
  }

  async masters(): Promise<Array<(args: Argument[]) => Promise<unknown>>> {
    const clients = this.#client.isCluster ? (this.#client.nodes?.('master') ?? []) : [this.#client];
    return clients.map((client) => (args) => this.#send(client, args));
  }

  route(): Route {
    const { route } = this.#connection;
    if (route.cluster !== null || route.sentinel !== null) return route;
    if (!this.#client.isCluster) {
      const { host, path } = { ...(route.options['socket'] as { host?: string; path?: string } | undefined) };
      if (route.options['url'] === undefined && host === undefined && path === undefined) throw wrongValue('options.url', 'is needed beside "client", of whose server no address is known');
      return route;
    }
    return { ...route, cluster: addressesOf((this.#client.nodes?.('master') ?? []).map(({ options }) => options), route) };
  }

  beside(key: string, args: Argument[]): Promise<unknown> {
    return this.command(key, args);
  }

  connections(): number {
    return this.#changes;
  }

  /** Leaves the client open: it is the application's. */
  async close(): Promise<void> {}

  #send(client: IoredisClient, [command, ...args]: Argument[]): Promise<unknown> {
    return within(this.#connection.timeout, client.callBuffer(String(command), ...args));
  }
}
