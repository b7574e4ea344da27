// The driver over a client of ioredis or iovalkey that the application has: commands only.
import { addressesOf, type Argument, type Connection, type Driver, evaluate, type Route, within } from './driver.js';
import type { Script } from './script.js';

export interface IoredisClient {
  readonly isCluster?: boolean;
  callBuffer(command: string, ...args: Argument[]): Promise<unknown>;
  readonly options?: { host?: string; port?: number };
  nodes?(role: 'master'): IoredisClient[];
}

export class IoredisDriver implements Driver {
  readonly #client: IoredisClient;
  readonly #connection: Connection;

  constructor(client: IoredisClient, connection: Connection) {
    this.#client = client;
    this.#connection = connection;
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
    if (!this.#client.isCluster || route.cluster !== null) return route;
    return { ...route, cluster: addressesOf((this.#client.nodes?.('master') ?? []).map(({ options }) => options), route) };
  }

  /** Leaves the client open: it is the application's. */
  async close(): Promise<void> {}

  #send(client: IoredisClient, [command, ...args]: Argument[]): Promise<unknown> {
    return within(this.#connection.timeout, client.callBuffer(String(command), ...args));
  }
}
