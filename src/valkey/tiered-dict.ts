// Two tiers: a dictionary in the shared memory of each host, before one on a server. docs/guide/valkey.md has the promises.
import { SharedDict, ShmError } from 'shmkit';
import type { TieredOptions } from 'shmkit/valkey';
import { checkFunction, checkIterable, checkOptions, checkSeconds, checkString, outOfRange, wrongType, wrongValue } from './arguments.js';
import { Control, type Use } from './control.js';
import { Election } from './election.js';
import type { KeyNames } from './keys.js';
import { loadNodeRedis } from './node-redis.js';
import { RemoteDict, SERVER } from './remote-dict.js';
import { checkEntries, leaveOut } from './remote-many.js';
import { slotOf } from './slots.js';
import { targetOf } from './target.js';
import { Fetches } from './tier-fetch.js';
import { Mark, MISSING, tierCodec } from './tier-values.js';
import { Uncloneable } from './uncloneable.js';

const NAMES = ['remote', 'maxSize', 'dir', 'trust', 'maxStale', 'maxTtl', 'negativeTtl', 'failOpen'] as const;
const DEFAULT_SIZE = '64mb';
/** What each process keeps of the tier in its own heap: the keys that it reads all the time, and no second cache. */
const OWN_CACHE = { maxEntries: 512, maxBytes: 64 * 1024 };
/** How long opening waits for the agent, in milliseconds: without it the tier works, by asking the server each time. */
const OPENING_MS = 1500;

/** What a tier is made of. */
interface Parts {
  readonly remote: RemoteDict;
  readonly tier: SharedDict;
  readonly control: Control;
  readonly election: Election;
  readonly fetches: Fetches;
  /** Seconds since the beat up to which entries are served. */
  readonly served: number;
  readonly trust: number;
  readonly failOpen: boolean;
  readonly names: KeyNames;
  readonly isCluster: boolean;
}

/** The calls that may change a key: each removes it from the tier before and after. */
const WRITES = ['set', 'add', 'replace', 'swap', 'delete', 'del', 'take', 'incr', 'update', 'throttle', 'expire', 'persist', 'getAndExpire', 'lpush', 'rpush', 'lpop', 'rpop'] as const;
/** The calls that the server answers. */
const READS = ['getEntry', 'getStale', 'getInto', 'ttl', 'type', 'sizeOf', 'llen', 'lrange', 'keys', 'entries', 'getKeys', 'watch'] as const;

/** Those of them that return iterators. */
const ITERATORS = new Set<string>(['keys', 'entries', 'watch']);

export class TieredDict<V = any> extends Uncloneable {
  readonly #parts: Parts;
  #isClosed = false;

  private constructor(parts: Parts) {
    super();
    this.#parts = parts;
  }

  static async open<V = any>(name: string, options: unknown): Promise<TieredDict<V>> {
    const checked = checkOptions<TieredOptions>('options', options, NAMES);
    const { remote, dir } = checked;
    if (!(remote instanceof RemoteDict)) throw wrongType('options.remote', 'a RemoteDict');
    const [trust, maxStale, maxTtl, negativeTtl] = (['trust', 'maxStale', 'maxTtl', 'negativeTtl'] as const).map((option) => (checked[option] === undefined ? undefined : checkSeconds(`options.${option}`, checked[option])));
    if (trust === 0) throw outOfRange('options.trust', 'above 0');
    if (checked.failOpen !== undefined && typeof checked.failOpen !== 'boolean') throw wrongType('options.failOpen', 'of type boolean');
    loadNodeRedis();
    const server = remote[SERVER];
    const { route } = server;
    try {
      structuredClone(route);
    } catch {
      throw wrongValue('options.remote', 'has "clientOptions" with functions, which its agent in a worker thread cannot be given');
    }
    const place = dir === undefined ? {} : { dir };
    const tier = SharedDict.openOrCreate(name, { maxSize: checked.maxSize ?? DEFAULT_SIZE, onFull: 'evict', codec: tierCodec, localCache: OWN_CACHE, ...place });
    const control = controlBeside(tier, name, dir, { prefix: remote.prefix, server: targetOf(route) });
    const election = new Election({ name, dir, prefix: remote.prefix, route }, control);
    const fetches = new Fetches(server, tier, control, { maxTtl: maxTtl ?? 0, negativeTtl: negativeTtl ?? 0, isCluster: route.cluster !== null });
    const dict = new TieredDict<V>({ remote, tier, control, election, fetches, trust: trust ?? 1, served: Math.max(trust ?? 1, maxStale ?? 0), failOpen: checked.failOpen ?? false, names: server.names, isCluster: route.cluster !== null });
    for (let waited = 0; !dict.#isTrusted() && waited < OPENING_MS; waited += 5) await new Promise((resolve) => setTimeout(resolve, 5));
    return dict;
  }

  /** Removes a closed tier of this name; the server is not asked. */
  static unlink(name: string, options?: unknown): boolean {
    const { dir } = checkOptions<{ dir?: string | undefined }>('options', options, ['dir']);
    return [SharedDict.unlink(name, dir === undefined ? {} : { dir }), Control.unlink(name, dir), Election.unlink(name, dir)].some(Boolean);
  }

  get closed(): boolean {
    return this.#isClosed;
  }

  get(key: string): Promise<V | undefined> {
    try {
      // The beat is looked at before the entry: what is there after that was not removed before the beat.
      if (this.#isServed(key)) {
        const found = this.#parts.tier.get(key);
        if (found !== undefined && !(found instanceof Mark)) return Promise.resolve(found as V);
        if (found instanceof Mark && found.fetch === MISSING.fetch) return Promise.resolve(undefined);
      }
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#fetch(key) as Promise<V | undefined>;
  }

  peek(key: string): V | undefined {
    if (!this.#isServed(key)) return undefined;
    const found = this.#parts.tier.get(key);
    return found instanceof Mark ? undefined : (found as V | undefined);
  }

  async has(key: string): Promise<boolean> {
    return this.peek(key) !== undefined || this.#parts.remote.has(key);
  }

  async getMany(keys: Iterable<string>): Promise<Map<string, V>> {
    const list = [...checkIterable<string>('keys', keys)];
    const found = await Promise.all(list.map((key) => this.get(key).catch(leaveOut)));
    return new Map(list.flatMap((key, index) => (found[index] === undefined ? [] : [[key, found[index] as V]])));
  }

  async setMany(entries: Iterable<readonly [string, V, unknown?]>, ttl?: unknown): Promise<number> {
    const list = [...checkEntries(entries)] as Array<readonly [string, V, unknown?]>;
    return this.#write(list.flatMap(keysIn), () => this.#parts.remote.setMany(list, ttl));
  }

  async deleteMany(keys: Iterable<string>): Promise<number> {
    const list = [...checkIterable<string>('keys', keys)];
    return this.#write(list, () => this.#parts.remote.deleteMany(list));
  }

  async deletePrefix(prefix: string): Promise<number> {
    if (this.#isClosed) throw closedError();
    const keys: string[] = [];
    for await (const key of this.#parts.remote.keys({ prefix: checkString('prefix', prefix) })) keys.push(key);
    return this.deleteMany(keys);
  }

  async clear(): Promise<void> {
    this.#parts.tier.clear();
    try {
      await this.#parts.remote.clear();
    } finally {
      this.#parts.tier.clear();
    }
  }

  async getOrSet(key: string, loader: (key: string) => V | PromiseLike<V>, options?: unknown): Promise<V> {
    checkFunction('loader', loader);
    const found = await this.get(key);
    if (found !== undefined) return found;
    let hasLoaded = false;
    const load = (loaded: string): V | PromiseLike<V> => {
      hasLoaded = true;
      return loader(loaded);
    };
    try {
      return await this.#parts.remote.getOrSet(key, load, options);
    } finally {
      if (hasLoaded) this.#parts.tier.delete(key);
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<[string, V], undefined, undefined> {
    return this.#isClosed ? refused() : this.#parts.remote.entries();
  }

  async stats() {
    const { tier, remote, control } = this.#parts;
    const l2 = await remote.stats().catch(() => null);
    const { pid, failure } = control;
    const hasAgent = pid !== undefined && control.pulseAge() < 1;
    const agent = hasAgent ? { pid, beatAge: control.beatAge(), ...(failure === '' ? {} : { failure }) } : null;
    return { l1: tier.stats(), l2, agent, fetches: control.counted('fetches'), invalidations: control.counted('invalidations'), suspect: !this.#isTrusted() };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#parts.election.end();
    this.#parts.tier.close();
    this.#parts.control.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #fetch(key: string): Promise<unknown> {
    try {
      return await this.#parts.fetches.fetch(key, () => this.#isServed(key), () => this.#isLeftOut(key));
    } catch (error) {
      if (!this.#parts.failOpen || (error as NodeJS.ErrnoException).code !== 'ERR_SHM_REMOTE') throw error;
      const found = this.#parts.tier.get(key);
      return found instanceof Mark ? undefined : found;
    }
  }

  /** Removes the keys before the work, and again after it: a fetch in between may have read what was there before. */
  async #write<T>(keys: string[], work: () => Promise<T>): Promise<T> {
    this.#parts.tier.deleteMany(keys);
    try {
      return await work();
    } finally {
      this.#parts.tier.deleteMany(keys);
    }
  }

  static {
    type Call = (...args: unknown[]) => Promise<unknown>;
    const define = (name: string, value: (this: TieredDict, ...args: unknown[]) => unknown): unknown => Object.defineProperty(this.prototype, name, { value, writable: true, configurable: true });
    for (const name of WRITES) {
      define(name, function (key, ...args) {
        return this.#write([key as string], () => (this.#parts.remote[name] as Call)(key, ...args));
      });
    }
    for (const name of READS) {
      define(name, function (...args) {
        if (this.#isClosed) return ITERATORS.has(name) ? refused() : Promise.reject(closedError());
        return (this.#parts.remote[name] as Call)(...args);
      });
    }
  }

  #isTrusted(): boolean {
    return this.#parts.control.beatAge() <= this.#parts.trust;
  }

  /** The beat is looked at first: which servers are tracked was recorded before it. */
  #isServed(key: string): boolean {
    return this.#parts.control.beatAge() <= this.#parts.served && !this.#isLeftOut(key);
  }

  /** Returns whether the key's master in a cluster is not tracked. */
  #isLeftOut(key: string): boolean {
    const { isCluster, control, names } = this.#parts;
    const servers = isCluster ? control.servers() : undefined;
    return servers !== undefined && servers.ownerOf(slotOf(names.of(key))) === undefined;
  }
}

/** Returns the key of an entry, if it has one: `setMany` of the server says what is wrong with the others. */
function keysIn(entry: unknown): string[] {
  const key: unknown = Array.isArray(entry) ? entry[0] : undefined;
  return typeof key === 'string' && key !== '' ? [key] : [];
}

/** Opens what the processes of a host share beside the tier. Closes the tier if they use it for something else. */
function controlBeside(tier: SharedDict, name: string, dir: string | undefined, use: Use): Control {
  try {
    const control = new Control(name, dir);
    control.checkUse(use);
    return control;
  } catch (error) {
    tier.close();
    throw error;
  }
}

function closedError(): ShmError {
  return new ShmError('ERR_SHM_CLOSED', 'The tier is closed');
}

/** Returns what the iterators of a closed tier are. */
function refused<T>(): AsyncGenerator<T, undefined, undefined> & { ready: Promise<void> } {
  const ready = Promise.reject(closedError());
  ready.catch(() => {});
  return Object.assign(refuse(), { ready });
}

async function* refuse(): AsyncGenerator<never, undefined, undefined> {
  yield await Promise.reject(closedError());
}
