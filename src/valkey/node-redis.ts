// The driver over node-redis: one server, or a cluster.
import type { EventEmitter } from 'node:events';
import { addressesOf, type Argument, type Connection, type Driver, evaluate, type Route, within } from './driver.js';
import { NodeGuard } from './nodes.js';
import { requirePeer } from './peer.js';
import type { Script } from './script.js';
import { slotOf } from './slots.js';
import type { NodeRedisSentinel } from './sentinel.js';

export interface CommandOptions {
  typeMapping: Record<number, unknown>;
  timeout: number;
}
export interface NodeRedisClient extends EventEmitter {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  connect(): Promise<unknown>;
  destroy(): void;
  sendCommand(args: Argument[], options?: CommandOptions): Promise<unknown>;
}
export interface NodeRedisCluster extends EventEmitter {
  readonly isOpen: boolean;
  readonly masters: Array<{ host?: string; port?: number }>;
  readonly slots: Array<{ master: unknown } | undefined>;
  connect(): Promise<unknown>;
  destroy(): void;
  sendCommand(key: string | undefined, isReadonly: boolean, args: Argument[], options?: CommandOptions): Promise<unknown>;
  nodeClient(node: unknown): NodeRedisClient | Promise<NodeRedisClient>;
}
export interface NodeRedis {
  createClient(options: object): NodeRedisClient;
  createCluster(options: object): NodeRedisCluster;
  createSentinel(options: object): NodeRedisSentinel;
  RESP_TYPES: { BLOB_STRING: number };
}

/** The code of bulk strings in node-redis's mapping of types, '$'. */
const BULK = 36;
/** No `timeout` of the client's own, which costs a signal for each command. */
export const AS_BUFFERS: CommandOptions = { typeMapping: { [BULK]: Buffer }, timeout: 0 };
const LONGEST_PAUSE = 1000;

export function loadNodeRedis(): NodeRedis {
  return requirePeer<NodeRedis>('redis', () => require('redis') as NodeRedis);
}

/** Returns the options of a client that this package makes. */
export function clientOptions({ options }: Route): Record<string, unknown> {
  return { ...options, RESP: 3, socket: { connectTimeout: 5000, reconnectStrategy, ...(options['socket'] as object | undefined) } };
}

/** Returns the options of a cluster's client that this package makes. */
export function clusterOptions(route: Route, addresses: string[], guard: NodeGuard): Record<string, unknown> {
  return { rootNodes: addresses.map((url) => ({ url })), RESP: 3, defaults: clientOptions(route), ...(route.allowed === null ? {} : { nodeAddressMap: guard.map }) };
}

/** Returns the milliseconds before another attempt, which differ between processes. */
function reconnectStrategy(tries: number): number {
  return Math.min(2 ** tries * 20, LONGEST_PAUSE) * (0.5 + Math.random() / 2);
}

/** Commands over a client for one server. */
export class NodeRedisDriver implements Driver {
  readonly #client: NodeRedisClient;
  readonly #connection: Connection;
  readonly #isOwn: boolean;
  #lastError: unknown;
  /** Resolves when the client is ready; all calls until then share it. */
  #becoming: Promise<void> | undefined;
  #changes = 0;

  constructor(client: NodeRedisClient, isOwn: boolean, connection: Connection) {
    this.#client = client;
    this.#isOwn = isOwn;
    this.#connection = connection;
    // Without a listener, an error of the connection would end the process.
    client.on('error', (error) => (this.#lastError = error));
    for (const event of ['error', 'reconnecting', 'ready', 'end']) client.on(event, () => (this.#changes += 1));
  }

  async command(_key: string | undefined, args: Argument[]): Promise<unknown> {
    if (!this.#client.isReady) await within(this.#connection.timeout, (this.#becoming ??= this.#ready().finally(() => (this.#becoming = undefined))));
    return within(this.#connection.timeout, this.#client.sendCommand(args, AS_BUFFERS));
  }

  script(script: Script, keys: string[], args: Argument[]): Promise<unknown> {
    return evaluate((command) => this.command(undefined, command), script, keys, args);
  }

  async masters(): Promise<Array<(args: Argument[]) => Promise<unknown>>> {
    return [(args) => this.command(undefined, args)];
  }

  route(): Route {
    return this.#connection.route;
  }

  beside(key: string, args: Argument[]): Promise<unknown> {
    return this.command(key, args);
  }

  connections(): number {
    return this.#changes;
  }

  async close(): Promise<void> {
    if (this.#isOwn && this.#client.isOpen) this.#client.destroy();
  }

  /** Waits until the client is connected, or the next attempt has failed. */
  #ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      const client = this.#client;
      const settle = (end: () => void) => () => {
        client.off('ready', ready).off('error', failed).off('end', failed);
        end();
      };
      const ready = settle(resolve);
      const failed = settle(() => reject(this.#lastError ?? new Error('the connection was closed')));
      client.on('ready', ready).on('error', failed).on('end', failed);
      if (!client.isOpen) client.connect().catch((error: unknown) => {
        this.#lastError = error;
        failed();
      });
    });
  }
}

/** Commands over a client for a cluster. */
export class NodeRedisClusterDriver implements Driver {
  readonly #cluster: NodeRedisCluster;
  readonly #connection: Connection;
  readonly #isOwn: boolean;
  readonly #guard: NodeGuard;
  #connecting: Promise<unknown> | undefined;
  #changes = 0;

  constructor(cluster: NodeRedisCluster, isOwn: boolean, connection: Connection, guard = new NodeGuard(null)) {
    this.#cluster = cluster;
    this.#guard = guard;
    this.#isOwn = isOwn;
    this.#connection = connection;
    cluster.on('error', () => {});
    for (const event of ['node-error', 'node-reconnecting', 'node-ready', 'node-disconnect']) cluster.on(event, (...args) => this.#noteChange(args.at(-1)));
  }

  async command(key: string | undefined, args: Argument[]): Promise<unknown> {
    return this.#guard.explain(async () => {
      if (!this.#cluster.isOpen || this.#connecting !== undefined) await this.#connect();
      return within(this.#connection.timeout, this.#cluster.sendCommand(key, false, args, AS_BUFFERS));
    });
  }

  script(script: Script, keys: string[], args: Argument[]): Promise<unknown> {
    return evaluate((command) => this.command(keys[0], command), script, keys, args);
  }

  async masters(): Promise<Array<(args: Argument[]) => Promise<unknown>>> {
    await this.#guard.explain(() => this.#connect());
    const clients = await Promise.all(this.#cluster.masters.map((node) => this.#cluster.nodeClient(node)));
    return clients.map((client) => (args) => within(this.#connection.timeout, client.sendCommand(args, AS_BUFFERS)));
  }

  route(): Route {
    const { route } = this.#connection;
    return route.cluster === null ? { ...route, cluster: addressesOf(this.#cluster.masters, route) } : route;
  }

  /** `sendCommand` of a cluster would send some commands without a key to every master. */
  async beside(key: string, args: Argument[]): Promise<unknown> {
    await this.#guard.explain(() => this.#connect());
    const node = this.#cluster.slots[slotOf(key)]?.master;
    if (node === undefined) throw new Error('no master has the slot of this key');
    const client = await this.#cluster.nodeClient(node);
    return within(this.#connection.timeout, client.sendCommand(args, AS_BUFFERS));
  }

  connections(): number {
    return this.#changes;
  }

  async close(): Promise<void> {
    if (this.#isOwn && this.#cluster.isOpen) this.#cluster.destroy();
  }

  /** Counts what happens to connections to masters. */
  #noteChange(node: unknown): void {
    const { host, port } = node as { host?: string; port?: number };
    if (this.#cluster.masters.some((master) => master.host === host && master.port === port)) this.#changes += 1;
  }

  async #connect(): Promise<void> {
    if (this.#connecting === undefined && this.#cluster.isOpen) return;
    this.#connecting ??= this.#cluster.connect().finally(() => (this.#connecting = undefined));
    await within(this.#connection.timeout, this.#connecting);
  }
}
