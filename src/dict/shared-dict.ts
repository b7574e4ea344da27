// The public class of dictionaries. Each method checks what the addon does not, and makes one call.
import { checkBytes, checkFinite, checkFunction, checkInteger } from '../arguments/check.js';
import type { HandleCodec } from './codecs.js';
import { getOrSet } from './get-or-set.js';
import { DictHandle } from './handle.js';
import { type DictGenerator, entriesOf, keysOf, listKeys, Scan, valuesOf } from './iteration.js';
import { nameOfKind } from './value-kinds.js';
import type { LocalCache } from './local-cache.js';
import { deleteMany, getMany, setMany } from './many.js';
import { dict } from './native.js';
import { callFrame } from './call-frame.js';
import { type KindStatics, kindStatics } from '../object/kind.js';
import { NamedObject, showOpened } from '../object/named-object.js';
import { createDictOptions, openDictOptions, segmentOptions } from './options.js';
import * as fast from './fast-calls.js';
import { nanoseconds, NEVER } from '../arguments/ttl.js';
import { IF_ABSENT, IF_PRESENT, incrOptions, newExpiryOf, ttlOf, versionOf, writeOptions } from './write-options.js';
import { deletePrefix, noPrefix, prefixOption } from './prefix.js';
import type { ListedDict, Stats } from './stats-types.js';
import type { Entry, IncrDetail, ListItem, StaleValue, ValueType, Verification } from '../types.js';
import { rateLimit } from './rate-limit.js';
import type { ThrottleResult } from './throttle-types.js';
import { dictFacts } from './inspect-facts.js';
import { getAndExpire, swap, take } from './previous.js';
import { push } from './push.js';
import { withWallTime } from './since.js';
import { update } from './update.js';
import { checkPlain, store, storeIf, valueOf } from './values.js';
import { waitFor } from './wait-for.js';
import { type Watch, watch } from './watch.js';
import { copyToTarget } from '../arguments/bytes.js';

type Statics = KindStatics<SharedDict, [options?: unknown], ListedDict>;

const statics: Statics = kindStatics({
  native: dict,
  options: segmentOptions,
  createOptions: createDictOptions,
  openOptions: openDictOptions,
  make: (name, opened, options) => new SharedDict(new DictHandle(name, opened, options)),
  listed: (line) => line,
});

export class SharedDict<V = unknown> extends NamedObject {
  readonly #handle: DictHandle;
  readonly #codec: HandleCodec;
  /** The handle's cache until the handle is closed, here to save an indirection. */
  readonly #cache: LocalCache | undefined;

  /** Internal: users call `create`, `open` and `openOrCreate`. */
  constructor(handle: DictHandle) {
    super(handle);
    this.#handle = handle;
    this.#codec = handle.codec;
    this.#cache = handle.cache;
  }

  static { showOpened(this.prototype, (object) => dictFacts(object.#handle.id)); }

  static readonly create = statics.create as <V = unknown>(name: string, options: unknown) => SharedDict<V>;
  static readonly open = statics.open as <V = unknown>(name: string, options?: unknown) => SharedDict<V>;
  static readonly openOrCreate = statics.openOrCreate as <V = unknown>(name: string, options?: unknown) => SharedDict<V>;
  static readonly unlink: Statics['unlink'] = statics.unlink;
  static readonly prune: Statics['prune'] = statics.prune;
  static readonly list: Statics['list'] = statics.list;

  get size(): number {
    return dict.size(this.#handle.id);
  }

  get(key: string): V | undefined {
    const cache = this.#cache;
    if (cache !== undefined) {
      const cached = cache.read(key);
      if (cached !== undefined) return cached as V;
    }
    const returned = cache === undefined ? fast.get(this.#handle.id, key) : cache.fetch(key);
    // `typeof` is also true for null, which is rare.
    return (typeof returned === 'object' || this.#codec.refusesPlain ? valueOf(returned, this.#codec, key) : returned) as V | undefined;
  }

  getFrozen(key: string): V | undefined {
    return this.#handle.readFrozen(key) as V | undefined;
  }

  has(key: string): boolean {
    return this.#cache?.has(key) ?? fast.has(this.#handle.id, key);
  }

  ttl(key: string): number | undefined {
    return fast.ttl(this.#handle.id, key);
  }

  getEntry(key: string): Entry<V> | undefined {
    const returned = dict.getEntry(this.#handle.id, key);
    if (returned === undefined) return undefined;
    const version = callFrame.version();
    const ttl = callFrame.seconds();
    return { value: valueOf(returned, this.#codec, key) as V, version, ttl };
  }

  getStale(key: string): StaleValue<V> | undefined {
    const returned = dict.getStale(this.#handle.id, key);
    if (returned === undefined) return undefined;
    const stale = callFrame.seconds() < 0;
    return { value: valueOf(returned, this.#codec, key) as V, stale };
  }

  getInto(key: string, buffer: Uint8Array, offset: number = 0): number {
    checkInteger('offset', offset, 0);
    return copyToTarget(checkBytes('buffer', buffer), offset, (memory, at) => dict.getInto(this.#handle.id, key, memory, at));
  }

  set(key: string, value: V, ttl?: unknown): boolean {
    if (ttl === undefined) {
      if (fast.set(this.#handle.id, key, value)) return true;
      return store(this.#handle.id, key, value, NEVER, this.#codec);
    }
    if (typeof ttl === 'number') return store(this.#handle.id, key, value, nanoseconds('ttl', ttl), this.#codec);
    return storeIf(this.#handle.id, key, value, writeOptions(ttl), this.#codec);
  }

  add(key: string, value: V, ttl?: unknown): boolean {
    return storeIf(this.#handle.id, key, value, { ttl: ttlOf(ttl), condition: IF_ABSENT }, this.#codec);
  }

  replace(key: string, value: V, ttl?: unknown): boolean {
    return storeIf(this.#handle.id, key, value, { ttl: ttlOf(ttl), condition: IF_PRESENT }, this.#codec);
  }

  swap(key: string, value: V, ttl?: unknown): V | undefined {
    return swap(this.#handle, key, value, ttlOf(ttl)) as V | undefined;
  }

  delete(key: string, options?: unknown): boolean {
    return dict.delete(this.#handle.id, key, options === undefined ? undefined : versionOf(options));
  }

  take(key: string): V | undefined {
    return take(this.#handle, key) as V | undefined;
  }

  incr(key: string, delta?: unknown, ttl?: unknown): number | bigint | IncrDetail<number | bigint> | undefined {
    const by = delta === undefined || typeof delta === 'bigint' ? delta : checkFinite('delta', delta);
    if (ttl === undefined && typeof by !== 'bigint') return fast.incr(this.#handle.id, key, by);
    const options = incrOptions(ttl);
    const value = fast.incrEntry(this.#handle.id, key, by, options);
    if (!options.detail || value === undefined) return value;
    return { value, ttl: callFrame.seconds(), version: callFrame.version() };
  }

  expire(key: string, ttl: unknown): boolean {
    return fast.expire(this.#handle.id, key, newExpiryOf(ttl));
  }

  persist(key: string): boolean {
    return fast.expire(this.#handle.id, key, NEVER);
  }

  getAndExpire(key: string, ttl: unknown): V | undefined {
    return getAndExpire(this.#handle, key, newExpiryOf(ttl)) as V | undefined;
  }

  type(key: string): ValueType | undefined {
    return nameOfKind(dict.typeOf(this.#handle.id, key));
  }

  sizeOf(key: string): number | undefined {
    return dict.sizeOf(this.#handle.id, key);
  }

  throttle(key: string, options: unknown): ThrottleResult {
    return fast.throttle(this.#handle.id, key, rateLimit(options));
  }

  clear(): void {
    dict.clear(this.#handle.id);
  }

  flushExpired(max: number = 0): number {
    return dict.flushExpired(this.#handle.id, checkInteger('max', max, 0));
  }

  getKeys(max: number = 0): string[] {
    return listKeys(this.#handle, checkInteger('max', max, 0));
  }

  keys(options?: unknown): DictGenerator<string> {
    return keysOf(new Scan(this.#handle, prefixOption(options)));
  }

  values(options?: undefined): DictGenerator<V> {
    return valuesOf(new Scan(this.#handle, noPrefix(options)));
  }

  entries(options?: undefined): DictGenerator<[string, V]> {
    return entriesOf(new Scan(this.#handle, noPrefix(options)));
  }

  [Symbol.asyncIterator](): AsyncGenerator<[string, V], undefined, undefined> {
    return this.entries()[Symbol.asyncIterator]();
  }

  forEach(callback: (value: V, key: string, dict: this) => void, thisArg?: unknown): void {
    checkFunction('callback', callback);
    for (const [key, value] of this.entries()) callback.call(thisArg, value, key, this);
  }

  update(key: string, fn: (value: V | undefined) => V | undefined, ttl?: unknown): V | undefined {
    return update(this.#handle, key, fn as (value: unknown) => unknown, ttl) as V | undefined;
  }

  getMany(keys: Iterable<string>): Map<string, V> {
    return getMany(this.#handle, keys);
  }

  setMany(entries: Iterable<readonly [string, V, unknown?]>, ttl?: unknown): number {
    return setMany(this.#handle, entries, ttl);
  }

  deleteMany(keys: Iterable<string>): number {
    return deleteMany(this.#handle, keys);
  }

  deletePrefix(prefix: string, options?: unknown): number {
    return deletePrefix(this.#handle, prefix, options);
  }

  lpush(key: string, ...items: ListItem[]): number {
    return push(this.#handle, key, items, false);
  }

  rpush(key: string, ...items: ListItem[]): number {
    return push(this.#handle, key, items, true);
  }

  lpop(key: string): string | number | Buffer | undefined {
    checkPlain(this.#codec, key);
    return dict.pop(this.#handle.id, key, false) as string | number | Buffer | undefined;
  }

  rpop(key: string): string | number | Buffer | undefined {
    checkPlain(this.#codec, key);
    return dict.pop(this.#handle.id, key, true) as string | number | Buffer | undefined;
  }

  llen(key: string): number {
    return dict.listLength(this.#handle.id, key);
  }

  lrange(key: string, start: number = 0, stop: number = -1): Array<string | number | Buffer> {
    checkPlain(this.#codec, key);
    checkInteger('start', start, Number.MIN_SAFE_INTEGER);
    checkInteger('stop', stop, Number.MIN_SAFE_INTEGER);
    return dict.listRange(this.#handle.id, key, start, stop) as Array<string | number | Buffer>;
  }

  getOrSet(key: string, loader: (key: string) => V | PromiseLike<V>, options?: unknown): Promise<V> {
    return getOrSet(this.#handle, key, loader, options) as Promise<V>;
  }

  watch(options?: unknown): Watch {
    return watch(this.#handle, options);
  }

  waitFor(key: string, options?: unknown): Promise<Entry<V> | undefined | null> {
    return waitFor(this.#handle, key, options, () => this.getEntry(key));
  }

  stats(): Stats {
    this.#handle.cache?.countHits();
    return withWallTime(dict.stats(this.#handle.id));
  }

  verify(): Verification {
    const problems = dict.verify(this.#handle.id);
    return { ok: problems.length === 0, problems };
  }

  declare del: SharedDict<V>['delete'];
  declare flushAll: SharedDict<V>['clear'];
  declare flush_all: SharedDict<V>['clear'];
  declare get_keys: SharedDict<V>['getKeys'];
  declare [Symbol.iterator]: SharedDict<V>['entries'];
}

/** Aliases of methods. */
const ALIASES = [
  ['del', 'delete'],
  ['flushAll', 'clear'],
  ['flush_all', 'clear'],
  ['get_keys', 'getKeys'],
  [Symbol.iterator, 'entries'],
] as const;

for (const [alias, method] of ALIASES) {
  Object.defineProperty(SharedDict.prototype, alias, { value: SharedDict.prototype[method], writable: true, configurable: true });
}
Object.defineProperty(SharedDict.prototype, Symbol.toStringTag, { value: 'SharedDict', configurable: true });
