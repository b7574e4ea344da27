// Sentinels: programs that watch a server and its replicas, and promote a replica when the server is gone.
import type { EventEmitter } from 'node:events';
import { wrongValue } from './arguments.js';
import { type Argument, type Connection, type Driver, evaluate, type Route, type SentinelRoute, within } from './driver.js';
import { AS_BUFFERS, type CommandOptions, clientOptions, type NodeRedis, type NodeRedisClient } from './node-redis.js';
import { NodeGuard } from './nodes.js';
import type { Script } from './script.js';

export interface NodeRedisSentinel extends EventEmitter {
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  destroy(): Promise<void>;
  sendCommand(isReadonly: boolean, args: Argument[], options?: CommandOptions): Promise<unknown>;
}

const CONNECT_MS = 2000;
const ANSWER_MS = 1000;
const SCAN_MS = 1000;

/** Returns the options of a client that this package makes. */
export function sentinelOptions(route: Route, { name, nodes, options }: SentinelRoute, guard: NodeGuard): Record<string, unknown> {
  const given = new Set(nodes.map(({ host, port }) => `${host}:${port}`));
  const nodeAddressMap = (address: string): undefined => (given.has(address) ? undefined : guard.map(address));
  return { name, sentinelRootNodes: nodes, RESP: 3, nodeClientOptions: clientOptions(route), sentinelClientOptions: options, scanInterval: SCAN_MS, nodeAddressMap };
}

/** Commands to the master that Sentinels name. */
export class NodeRedisSentinelDriver implements Driver {
  readonly #client: NodeRedisSentinel;
  readonly #connection: Connection;
  readonly #isOwn: boolean;
  #connecting: Promise<unknown> | undefined;
  readonly #guard: NodeGuard;
  #lastError: unknown;
  #changes = 0;

  constructor(client: NodeRedisSentinel, isOwn: boolean, connection: Connection, guard = new NodeGuard(null)) {
    this.#client = client;
    this.#guard = guard;
    this.#isOwn = isOwn;
    this.#connection = connection;
    client.on('error', (error) => (this.#lastError = error));
    client.on('client-error', ({ error }: { error?: unknown }) => (this.#lastError = error));
    for (const event of ['topology-change', 'reconnecting', 'ready', 'end', 'client-error']) client.on(event, () => (this.#changes += 1));
  }

  async command(_key: string | undefined, args: Argument[]): Promise<unknown> {
    return this.#guard.explain(() => this.#within(this.#send(args)));
  }

  script(script: Script, keys: string[], args: Argument[]): Promise<unknown> {
    return evaluate((command) => this.command(undefined, command), script, keys, args);
  }

  async masters(): Promise<Array<(args: Argument[]) => Promise<unknown>>> {
    return [(args) => this.command(undefined, args)];
  }

  beside(key: string, args: Argument[]): Promise<unknown> {
    return this.command(key, args);
  }

  connections(): number {
    return this.#changes;
  }

  route(): Route {
    const { route } = this.#connection;
    if (route.sentinel === null && route.options['url'] === undefined) throw wrongValue('options.sentinel', 'is needed beside "client", of whose Sentinels no address is known');
    return route;
  }

  async close(): Promise<void> {
    if (this.#isOwn && this.#client.isOpen) await this.#client.destroy();
  }

  async #send(args: Argument[]): Promise<unknown> {
    if (!this.#client.isOpen || this.#connecting !== undefined) await (this.#connecting ??= this.#client.connect().finally(() => (this.#connecting = undefined)));
    return this.#client.sendCommand(false, args, AS_BUFFERS);
  }

  /** A call that gets no answer rejects with what the client has met meanwhile. */
  async #within(work: Promise<unknown>): Promise<unknown> {
    this.#lastError = undefined;
    try {
      return await within(this.#connection.timeout, work);
    } catch (error) {
      work.catch(() => {});
      const met = this.#lastError;
      throw met instanceof Error && (error as Error).message.startsWith('no answer within') ? met : error;
    }
  }
}

/** The master that more than half of the given Sentinels name. */
export class Sentinels {
  readonly #library: NodeRedis;
  readonly #route: SentinelRoute;
  readonly #clients: Array<NodeRedisClient | undefined> = [];

  constructor(library: NodeRedis, route: SentinelRoute) {
    this.#library = library;
    this.#route = route;
  }

  /** Resolves to the address of the master. Rejects if no majority names the same one. */
  async master(): Promise<{ host: string; port: number }> {
    const { nodes } = this.#route;
    const settled = await Promise.allSettled(nodes.map((_, index) => this.#ask(index)));
    const votes = new Map<string, number>();
    for (const result of settled) if (result.status === 'fulfilled') votes.set(result.value, (votes.get(result.value) ?? 0) + 1);
    const [place, count] = [...votes].sort(([, one], [, other]) => other - one)[0] ?? ['', 0];
    const failed = settled.find((result) => result.status === 'rejected');
    if (count * 2 <= nodes.length) throw failed?.reason ?? new Error('no majority of the Sentinels names one master');
    const [host, port] = placeOf(place);
    return { host, port };
  }

  close(): void {
    for (const client of this.#clients) if (client?.isOpen) client.destroy();
  }

  async #ask(index: number): Promise<string> {
    try {
      const client = (this.#clients[index] ??= await this.#connect(index));
      const reply = await within(ANSWER_MS, client.sendCommand(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.#route.name]));
      if (!Array.isArray(reply)) throw new Error('the Sentinel knows no master of this name');
      return `${String(reply[0])}:${String(reply[1])}`;
    } catch (error) {
      const client = this.#clients[index];
      this.#clients[index] = undefined;
      if (client?.isOpen) client.destroy();
      throw error;
    }
  }

  async #connect(index: number): Promise<NodeRedisClient> {
    const { nodes, options } = this.#route;
    const socket = { ...(options['socket'] as object | undefined), ...nodes[index], reconnectStrategy: false, connectTimeout: CONNECT_MS };
    const client = this.#library.createClient({ ...options, RESP: 3, socket, disableOfflineQueue: true });
    client.on('error', () => {});
    try {
      await within(CONNECT_MS, client.connect());
    } catch (error) {
      if (client.isOpen) client.destroy();
      throw error;
    }
    return client;
  }
}

function placeOf(address: string): [host: string, port: number] {
  const colon = address.lastIndexOf(':');
  return [address.slice(0, colon), Number(address.slice(colon + 1))];
}
