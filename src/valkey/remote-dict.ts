// A dictionary on a server: the calls of `SharedDict`, returning promises.
import { checkInteger, checkIterable, checkString, outOfRange, wrongType } from './arguments.js';
import { encodeItems, incr, throttle, versionOption } from './arithmetic.js';
import { settingsOf } from './connect.js';
import { TAG } from './encoding.js';
import { checkEntries, checkEntry, clear, countMany, getMany, scan, update } from './remote-many.js';
import { Loads } from './remote-load.js';
import { watch } from './remote-watch.js';
import { EXPIRE, ITEMS, LOOK, POP, READ, REMOVE, SWEEP, WRITE } from './script.js';
import { arrayOf, secondsOf, Server } from './server.js';
import { unreadable } from './decoding.js';
import { remoteStats } from './remote-stats.js';
import { isSealed } from './sealing.js';
import { sealedIncr, sealedThrottle } from './sealed-arithmetic.js';
import { versionBytes, versionOf } from './stored.js';
import { Uncloneable } from './uncloneable.js';
import { IF_ABSENT, IF_PRESENT, newExpiryOf, ttlOf, writeOptions, type Write } from './write-options.js';

const TYPES: Record<number, string> = {
  [TAG.string]: 'string',
  [TAG.units]: 'string',
  [TAG.number]: 'number',
  [TAG.true]: 'boolean',
  [TAG.false]: 'boolean',
  [TAG.bigint]: 'bigint',
  [TAG.null]: 'null',
  [TAG.bytes]: 'bytes',
};

function typeOf(encoded: Uint8Array): string {
  return TYPES[encoded[0] ?? 0] ?? 'object';
}

/** Internal: what the tier in shared memory needs of a dictionary. */
export const SERVER = Symbol('server');

export class RemoteDict<V = any> extends Uncloneable {
  readonly [SERVER]: Server;
  readonly #loads: Loads;

  constructor(options: unknown) {
    super();
    this[SERVER] = new Server(settingsOf(options));
    this.#loads = new Loads(this[SERVER]);
  }

  get prefix(): string {
    return this[SERVER].names.prefix;
  }

  get closed(): boolean {
    return this[SERVER].closed;
  }

  async get(key: string): Promise<V | undefined> {
    const reply = await this[SERVER].script(READ, key, [this[SERVER].most, '0']);
    return reply === null ? undefined : (this[SERVER].valueOf(key, arrayOf(reply)[0]) as V);
  }

  async getEntry(key: string): Promise<{ value: V; version: bigint; ttl: number } | undefined> {
    const reply = await this[SERVER].script(READ, key, [this[SERVER].most, '0']);
    if (reply === null) return undefined;
    const [bytes, left] = arrayOf(reply);
    return { value: this[SERVER].valueOf(key, bytes) as V, version: versionOf(bytes), ttl: secondsOf(left) };
  }

  async getStale(key: string): Promise<{ value: V; stale: boolean } | undefined> {
    const reply = await this[SERVER].script(READ, key, [this[SERVER].most, '1']);
    if (reply === null) return undefined;
    const [bytes, , stale] = arrayOf(reply);
    return { value: this[SERVER].valueOf(key, bytes) as V, stale: stale === 1 };
  }

  async getInto(key: string, buffer: Uint8Array, offset = 0): Promise<number> {
    if (!(buffer instanceof Uint8Array)) throw wrongType('buffer', 'an instance of Uint8Array');
    checkInteger('offset', offset, 0);
    const value: unknown = await this.get(key);
    if (value === undefined) return -1;
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) throw wrongType('value', 'bytes or a string');
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    if (bytes.length > buffer.length - offset) throw outOfRange('buffer', `large enough for ${bytes.length} bytes`);
    buffer.set(bytes, offset);
    return bytes.length;
  }

  async has(key: string): Promise<boolean> {
    return (await this[SERVER].script(LOOK, key, [])) !== null;
  }

  async ttl(key: string): Promise<number | undefined> {
    const reply = await this[SERVER].script(LOOK, key, []);
    return reply === null ? undefined : secondsOf(arrayOf(reply)[2]);
  }

  async type(key: string): Promise<string | undefined> {
    const reply = await this[SERVER].script(LOOK, key, []);
    if (reply === null) return undefined;
    const [kind, tag] = arrayOf(reply);
    if (String(kind) !== 'string') return String(kind);
    if ((tag as Buffer).length === 0) throw Object.assign(unreadable(), { key });
    return isSealed(tag as Buffer) ? this.#sealedType(key) : typeOf(tag as Buffer);
  }

  async sizeOf(key: string): Promise<number | undefined> {
    const reply = await this[SERVER].subcommand('MEMORY', 'USAGE', key);
    return reply === null ? undefined : Number(reply);
  }

  async set(key: string, value: V, ttl?: unknown): Promise<boolean> {
    return this.#write(key, value, writeOptions(ttl));
  }

  async add(key: string, value: V, ttl?: unknown): Promise<boolean> {
    return this.#write(key, value, { ttl: ttlOf(ttl), condition: IF_ABSENT });
  }

  async replace(key: string, value: V, ttl?: unknown): Promise<boolean> {
    return this.#write(key, value, { ttl: ttlOf(ttl), condition: IF_PRESENT });
  }

  async swap(key: string, value: V, ttl?: unknown): Promise<V | undefined> {
    const bytes = this[SERVER].store(key, value);
    const [, previous] = arrayOf(await this[SERVER].script(WRITE, key, [bytes, String(ttlOf(ttl)), '', '1', this[SERVER].most]));
    return previous ? (this[SERVER].valueOf(key, previous) as V) : undefined;
  }

  async delete(key: string, options?: unknown): Promise<boolean> {
    const version = versionOption(options);
    const [removed] = arrayOf(await this[SERVER].leaseScript(REMOVE, key, [version === undefined ? '' : versionBytes('options.ifVersion', version), '0', '0']));
    return removed === 1;
  }

  del(key: string, options?: unknown): Promise<boolean> {
    return this.delete(key, options);
  }

  async take(key: string): Promise<V | undefined> {
    const [, value] = arrayOf(await this[SERVER].leaseScript(REMOVE, key, ['', '1', this[SERVER].most]));
    return value ? (this[SERVER].valueOf(key, value) as V) : undefined;
  }

  async incr(key: string, delta?: unknown, ttl?: unknown): Promise<unknown> {
    return this[SERVER].seals ? sealedIncr(this[SERVER], key, delta, ttl) : incr(this[SERVER], key, delta, ttl);
  }

  async expire(key: string, ttl: unknown): Promise<boolean> {
    const [exists] = arrayOf(await this[SERVER].script(EXPIRE, key, [String(newExpiryOf(ttl)), '0', '0']));
    return exists === 1;
  }

  persist(key: string): Promise<boolean> {
    return this.expire(key, 0);
  }

  async getAndExpire(key: string, ttl: unknown): Promise<V | undefined> {
    const [, value] = arrayOf(await this[SERVER].script(EXPIRE, key, [String(newExpiryOf(ttl)), '1', this[SERVER].most]));
    return value ? (this[SERVER].valueOf(key, value) as V) : undefined;
  }

  async throttle(key: string, options: unknown) {
    return this[SERVER].seals ? sealedThrottle() : throttle(this[SERVER], key, options);
  }

  async update(key: string, fn: (value: V | undefined) => V | undefined, ttl?: unknown): Promise<V | undefined> {
    return update(this, key, fn, ttl);
  }

  async getMany(keys: Iterable<string>): Promise<Map<string, V>> {
    return getMany(this, keys);
  }

  async setMany(entries: Iterable<readonly [string, V, unknown?]>, ttl?: unknown): Promise<number> {
    const shared = writeOptions(ttl);
    return countMany(checkEntries(entries), async (entry) => {
      const [key, value, own] = checkEntry(entry);
      return this.#write(key, value, own === undefined ? shared : writeOptions(own));
    });
  }

  async deleteMany(keys: Iterable<string>): Promise<number> {
    return countMany(checkIterable<string>('keys', keys), (key) => this.delete(key));
  }

  async deletePrefix(prefix: string): Promise<number> {
    const keys: string[] = [];
    for await (const key of this.keys({ prefix: checkString('prefix', prefix) })) keys.push(key);
    return countMany(keys, (key) => this.delete(key));
  }

  clear(): Promise<void> {
    return clear(this[SERVER]);
  }

  keys(options?: unknown): AsyncGenerator<string, undefined, undefined> {
    return scan(this[SERVER], options);
  }

  async getKeys(max = 0): Promise<string[]> {
    checkInteger('max', max, 0);
    const keys: string[] = [];
    for await (const key of this.keys()) {
      keys.push(key);
      if (keys.length === max) break;
    }
    return keys;
  }

  async *entries(options?: unknown): AsyncGenerator<[string, V], undefined, undefined> {
    let part: string[] = [];
    for await (const key of this.keys(options)) {
      part.push(key);
      if (part.length < 256) continue;
      yield* await this.getMany(part);
      part = [];
    }
    yield* await this.getMany(part);
  }

  [Symbol.asyncIterator](): AsyncGenerator<[string, V], undefined, undefined> {
    return this.entries();
  }

  lpush(key: string, ...items: unknown[]): Promise<number> {
    return this.#push('LPUSH', key, items);
  }

  rpush(key: string, ...items: unknown[]): Promise<number> {
    return this.#push('RPUSH', key, items);
  }

  async lpop(key: string): Promise<unknown> {
    return (await this.#items(key, 0, 0, 'LPOP'))[0];
  }

  async rpop(key: string): Promise<unknown> {
    return (await this.#items(key, -1, -1, 'RPOP'))[0];
  }

  async llen(key: string): Promise<number> {
    return Number(await this[SERVER].command('LLEN', key));
  }

  async lrange(key: string, start = 0, stop = -1): Promise<unknown[]> {
    checkInteger('start', start, Number.MIN_SAFE_INTEGER);
    checkInteger('stop', stop, Number.MIN_SAFE_INTEGER);
    return this.#items(key, start, stop);
  }

  getOrSet(key: string, loader: (key: string) => V | PromiseLike<V>, options?: unknown): Promise<V> {
    return this.#loads.getOrSet(key, loader, options) as Promise<V>;
  }

  watch(options?: unknown) {
    return watch(this[SERVER], options);
  }

  stats() {
    return remoteStats(this[SERVER]);
  }

  close(): Promise<void> {
    return this[SERVER].close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Returns the type of a sealed value, which has to be read for that. */
  async #sealedType(key: string): Promise<string | undefined> {
    const reply = await this[SERVER].script(READ, key, [this[SERVER].most, '0']);
    return reply === null ? undefined : typeOf(this[SERVER].encodedOf(key, arrayOf(reply)[0]));
  }

  async #write(key: string, value: V | unknown, { ttl, condition }: Write): Promise<boolean> {
    const bytes = this[SERVER].store(key, value);
    if (condition.length === 0 && ttl >= 0) {
      await this[SERVER].change('SET', key, ttl === 0 ? [bytes] : [bytes, 'PX', String(ttl)]);
      return true;
    }
    const [stored] = arrayOf(await this[SERVER].script(WRITE, key, [bytes, String(ttl), condition, '0', '0']));
    return stored === 1;
  }

  async #items(key: string, start: number, stop: number, ...removal: string[]): Promise<unknown[]> {
    const reply = await this[SERVER].script(removal.length === 0 ? ITEMS : POP, key, [String(start), String(stop), this[SERVER].most, ...removal]);
    return arrayOf(reply).map((item) => this[SERVER].itemOf(key, item));
  }

  async #push(command: string, key: string, items: unknown[]): Promise<number> {
    const encoded = encodeItems(items).map((item) => this[SERVER].storeItem(key, item));
    try {
      return Number(await this[SERVER].change(command, key, encoded));
    } catch (error) {
      // The value there may be one that only readers of stale values still see.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SHM_WRONG_TYPE' || (await this[SERVER].script(SWEEP, key, [])) !== 1) throw error;
      return Number(await this[SERVER].change(command, key, encoded));
    }
  }
}
