// Connections on which servers report every change of the keys under a prefix: one to each master.
// A connection is never mended: when one is lost, all are closed, and what was cached under them is suspect.
import type { Argument, Route } from './driver.js';
import { within } from './driver.js';
import { clientOptions, type NodeRedis, type NodeRedisClient } from './node-redis.js';
import { nodeCheck } from './nodes.js';
import { Sentinels } from './sentinel.js';
import { ALL_SLOTS, type SlotOwner } from './slots.js';

/** Told of a changed key's name on the server; null: any key may have changed. */
export type Invalidate = (name: Buffer | null) => void;

interface Place {
  readonly host: string;
  readonly port: number;
}
interface Node extends Place {
  readonly id: string;
  /** Ranges of slots. */
  readonly slots: string[];
}
/** Masters that could not be tracked, and how to try again. */
interface Missing {
  readonly lost: Node[];
  readonly reach: (node: Node) => Promise<Tracked>;
}
/** The master that Sentinels name. */
interface Watched {
  readonly sentinels: Sentinels;
  readonly master: Place;
}

const CONNECT_MS = 2000;
const ANSWER_MS = 1000;
/** Milliseconds between attempts to reach masters that are not tracked. */
const REACH_MS = 500;

export class Tracking {
  readonly #connections: Tracked[];
  #isClosed = false;
  /** Whether a master that was not tracked answers again. */
  #isReached = false;
  #retry: NodeJS.Timeout | undefined;
  /** The masters of the cluster, as they are compared; null for one server. */
  readonly #masters: string | null;
  readonly #watched: Watched | null;

  private constructor(connections: Tracked[], masters: string | null, missing: Missing | null = null, watched: Watched | null = null) {
    this.#connections = connections;
    this.#masters = masters;
    this.#watched = watched;
    if (missing !== null) this.#reachAgain(missing);
  }

  /** Resolves when every master has confirmed that it reports changes. */
  static async start(library: NodeRedis, route: Route, prefix: string, on: Invalidate): Promise<Tracking> {
    const open: Open = (options, ranges = ALL_SLOTS) => Tracked.open({ library, options, prefix, ranges }, on);
    if (route.sentinel !== null) return Tracking.#bySentinels(new Sentinels(library, route.sentinel), route, open);
    if (route.cluster === null) return new Tracking([await open(clientOptions(route))], null);
    const masters = await mastersOf(library, route, route.cluster);
    // A master whose address the others have lost has none here, and cannot be reached.
    for (const { host, port } of masters) if (host !== '') nodeCheck(route.allowed)(host, port);
    const settled = await Promise.allSettled(masters.map((node) => open(optionsFor(route, node), node.slots)));
    const connections = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const lost = masters.filter((_, index) => settled[index]?.status === 'rejected');
    const failed = settled.find((result) => result.status === 'rejected');
    if (!isMajority(masters, lost)) throw failed?.reason ?? new Error('the cluster has no masters');
    return new Tracking(connections, planOf(masters), { lost, reach: (node) => open(optionsFor(route, node)) });
  }

  /** The servers that are tracked: what others say of a key, or of these before they were, may be out of date. */
  get servers(): SlotOwner[] {
    return this.#connections.map(({ owner }) => owner);
  }

  /** Tracks on the master that a majority of Sentinels names, for as long as it does. */
  static async #bySentinels(sentinels: Sentinels, route: Route, open: Open): Promise<Tracking> {
    try {
      const master = await sentinels.master();
      nodeCheck(route.allowed)(master.host, master.port);
      return new Tracking([await open(optionsFor(route, master))], null, null, { sentinels, master });
    } catch (error) {
      sentinels.close();
      throw error;
    }
  }

  /**
   * Resolves when every connection has answered, and so has delivered everything that was reported before; in a cluster, when
   * all masters that are tracked agree on which there are, and what they have; with Sentinels, when the server says that it is the master, and
   * most of them do. Rejects if a connection was lost.
   */
  async prove(): Promise<void> {
    if (this.#watched !== null) return this.#proveWatched(this.#watched);
    if (this.#masters === null) await Promise.all(this.#connections.map((connection) => connection.ask(['PING'])));
    else await Promise.all(this.#connections.map((connection) => this.#compare(connection)));
    if (this.#isReached) throw new Error('a master of the cluster is back');
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    for (const connection of this.#connections) connection.close();
    this.#watched?.sentinels.close();
  }

  /** Tries again and again to reach the masters that are not tracked. When one answers, all are to be tracked anew. */
  #reachAgain({ lost, reach }: Missing): void {
    if (lost.length === 0 || this.#isClosed || this.#isReached) return;
    this.#retry = setTimeout(() => {
      void Promise.allSettled(lost.map(reach)).then((settled) => {
        for (const result of settled) if (result.status === 'fulfilled') result.value.close();
        this.#isReached ||= settled.some(({ status }) => status === 'fulfilled');
        this.#reachAgain({ lost, reach });
      });
    }, REACH_MS);
  }

  async #proveWatched({ sentinels, master: { host, port } }: Watched): Promise<void> {
    const [master, [role]] = await Promise.all([sentinels.master(), this.#connections[0]?.ask(['ROLE']) as Promise<unknown[]>]);
    if (master.host !== host || master.port !== port || String(role) !== 'master') throw new Error('another server is the master now');
  }

  async #compare(connection: Tracked): Promise<void> {
    const masters = planOf(nodesIn(await connection.ask(['CLUSTER', 'NODES'])));
    if (masters !== this.#masters) throw new Error('the masters of the cluster have changed');
  }
}

type Open = (options: Record<string, unknown>, ranges?: readonly string[]) => Promise<Tracked>;
/** What is tracked on a connection. */
interface Target {
  readonly library: NodeRedis;
  readonly options: Record<string, unknown>;
  readonly prefix: string;
  readonly ranges: readonly string[];
}

/** One connection with tracking. */
class Tracked {
  readonly #client: NodeRedisClient;
  readonly #ranges: readonly string[];
  #run = '';
  #lost: unknown;

  private constructor(client: NodeRedisClient, ranges: readonly string[]) {
    this.#client = client;
    this.#ranges = ranges;
    const lose = (error: unknown): void => {
      this.#lost ??= error ?? new Error('the connection was closed');
    };
    client.on('error', lose).on('end', lose);
  }

  get owner(): SlotOwner {
    return { run: this.#run, ranges: this.#ranges };
  }

  static async open({ library, options, prefix, ranges }: Target, on: Invalidate): Promise<Tracked> {
    const socket = { ...(options['socket'] as object | undefined), reconnectStrategy: false, connectTimeout: CONNECT_MS };
    const client = library.createClient({ ...options, socket, disableOfflineQueue: true, emitInvalidate: true });
    const tracked = new Tracked(client, ranges);
    client.on('invalidate', (name: Buffer | null) => tracked.#report(on, name));
    try {
      await within(CONNECT_MS, client.connect());
      // The client has asked for reports of the keys that it reads. They have to be turned off before others can be had.
      await tracked.ask(['CLIENT', 'TRACKING', 'OFF']);
      await tracked.ask(['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', prefix]);
      tracked.#run = await tracked.#askRun();
    } catch (error) {
      tracked.close();
      throw error;
    }
    return tracked;
  }

  async ask(args: Argument[]): Promise<unknown> {
    const reply = await within(ANSWER_MS, this.#client.sendCommand(args));
    if (this.#lost !== undefined) throw this.#lost;
    return reply;
  }

  /** Asks what the server calls the run of its process; empty if this user may not know, as then its scripts may not either. */
  async #askRun(): Promise<string> {
    try {
      return /run_id:(\w+)/.exec(String(await this.ask(['INFO', 'server'])))?.[1] ?? '';
    } catch (error) {
      if (/^(?:NOPERM|ERR)\b/.test((error as Error).message)) return '';
      throw error;
    }
  }

  close(): void {
    this.#lost ??= new Error('the connection was closed');
    if (this.#client.isOpen) this.#client.destroy();
  }

  /** A report that could not be acted on makes everything suspect, as a lost one does. */
  #report(on: Invalidate, name: Buffer | null): void {
    try {
      on(name);
    } catch (error) {
      this.#lost ??= error;
    }
  }
}

function optionsFor(route: Route, { host, port }: Place): Record<string, unknown> {
  // An address among the options would take the node's place.
  const { url: _url, ...options } = clientOptions(route);
  return { ...options, socket: { ...(options['socket'] as object), host, port } };
}

/** Asks the given nodes, one after the other from any of them, for the masters of their cluster: one may know less than others. */
async function mastersOf({ createClient }: NodeRedis, route: Route, urls: string[]): Promise<Node[]> {
  let failure: unknown;
  const first = Math.floor(Math.random() * urls.length);
  for (const url of [...urls.slice(first), ...urls.slice(0, first)]) {
    const options = clientOptions(route);
    const client = createClient({ ...options, url, socket: { ...(options['socket'] as object), reconnectStrategy: false, connectTimeout: CONNECT_MS } });
    client.on('error', () => {});
    try {
      await within(CONNECT_MS, client.connect());
      return nodesIn(await within(ANSWER_MS, client.sendCommand(['CLUSTER', 'NODES'])));
    } catch (error) {
      failure = error;
    } finally {
      if (client.isOpen) client.destroy();
    }
  }
  throw failure;
}

/**
 * Reads the masters in the reply of CLUSTER NODES, those without slots too: a slot that moves to them may be written there.
 * One that has slots counts even if others say that it failed: it may be back, and written to, before they notice.
 */
function nodesIn(reply: unknown): Node[] {
  return String(reply).split('\n').flatMap((line) => {
    const [id, address, flags, , , , , , ...rest] = line.split(' ');
    const slots = rest.filter((range) => /^\d/.test(range));
    const marks = flags?.split(',') ?? [];
    if (id === undefined || address === undefined || !marks.includes('master')) return [];
    if (marks.includes('handshake') || (slots.length === 0 && (marks.includes('fail') || marks.includes('noaddr')))) return [];
    const [place = ''] = address.split(/[@,]/);
    const colon = place.lastIndexOf(':');
    return [{ id, host: place.slice(0, colon), port: Number(place.slice(colon + 1)), slots }];
  });
}

/**
 * Returns whether more than half of the masters that have slots are left: as many as it takes to promote a replica, so that
 * one of these knows of it. With fewer, on the smaller side of a divided network, others may be written to unnoticed.
 */
function isMajority(masters: Node[], lost: Node[]): boolean {
  const voters = (nodes: Node[]): number => nodes.filter(({ slots }) => slots.length > 0).length;
  return voters(lost) * 2 < voters(masters);
}

/** Returns which masters there are and what they have, to be compared. */
function planOf(nodes: Node[]): string {
  return nodes.map(({ id, slots }) => `${id} ${slots.join()}`).sort().join();
}
