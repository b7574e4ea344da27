// The addon's functions of dictionaries. They are documented in crates/node/src/dict.
import { type HandleId, nativePart } from '../addon/native.js';
import type { NativeKind, NativeOptions } from '../object/native-kind.js';
import type { Stats } from './stats-types.js';

export interface NativeDictOptions extends NativeOptions {
  lockTimeoutMs: number | undefined;
  size?: number | undefined;
  maxSize?: number | undefined;
  evict?: boolean | undefined;
  maxEntries?: number | undefined;
  checksums?: boolean | undefined;
  wipe?: boolean | undefined;
  feed?: number | undefined;
}

export interface NativeDict extends NativeKind<NativeDictOptions> {
  view(handle: HandleId): ArrayBuffer | undefined;
  evicts(handle: HandleId): boolean;
  countHits(handle: HandleId, hits: number): void;
  getEntry(handle: HandleId, key: string): unknown;
  getStale(handle: HandleId, key: string): unknown;
  getInto(handle: HandleId, key: string, target: Uint8Array, offset: number): number;

  /** Missing arguments mean a plain value, no TTL, no condition. */
  set(handle: HandleId, key: string, value: unknown, kind?: number, ttl?: number, condition?: number, version?: bigint): boolean;
  /** `decoded` is the version of the entry whose value was decoded; so in `take` and `getAndExpire`. */
  swap(handle: HandleId, key: string, value: unknown, kind: number, ttl: number, decoded?: bigint): unknown;
  delete(handle: HandleId, key: string, version: bigint | undefined): boolean;
  take(handle: HandleId, key: string, decoded?: bigint): unknown;
  getAndExpire(handle: HandleId, key: string, ttl: number, decoded?: bigint): unknown;
  /** Returns the kind of the value, 0 for a missing key. */
  typeOf(handle: HandleId, key: string): number;
  sizeOf(handle: HandleId, key: string): number | undefined;
  /** Missing arguments mean no `init`, and that the TTL stays. */
  incr(handle: HandleId, key: string, delta: unknown, init?: unknown, ttl?: number, initTtl?: number): number | bigint | undefined;
  clear(handle: HandleId): void;
  flushExpired(handle: HandleId, max: number): number;

  getMany(handle: HandleId, keys: string, count: number, records: Uint8Array): string | unknown[];
  setMany(handle: HandleId, entries: string, count: number, records: Uint8Array, ttl: number, condition: number, ttls?: Uint8Array): void;
  deleteMany(handle: HandleId, keys: string, count: number, records: Uint8Array): number;

  /** A `max` of 0 means all. */
  deletePrefix(handle: HandleId, prefix: string, max: number): number;

  scanStart(handle: HandleId, prefix: string | undefined): number;
  /** Both end after `batch` entries, or after `buckets` buckets of the index; 0 means all. */
  scanKeys(handle: HandleId, scan: number, batch: number, buckets: number, ends: Uint8Array): string[];
  scanEntries(handle: HandleId, scan: number, batch: number, buckets: number): unknown[];
  scanEnd(handle: HandleId, scan: number): void;

  push(handle: HandleId, key: string, item: unknown, kind: number, right: boolean): number;
  pushAll(handle: HandleId, key: string, items: unknown[], right: boolean): number;
  pop(handle: HandleId, key: string, right: boolean): unknown;
  listLength(handle: HandleId, key: string): number;
  listRange(handle: HandleId, key: string, start: number, stop: number): unknown[];

  leaseAcquire(handle: HandleId, key: string): number;
  leaseStore(handle: HandleId, key: string, value: unknown, kind: number, ttl: number, lease: number): boolean;
  leaseRelease(handle: HandleId, lease: number): void;
  /** Returns a ticket, or `undefined` if there is a value or no other holder. */
  leaseWait(handle: HandleId, key: string): number | undefined;

  watchStart(handle: HandleId, prefix: string | undefined): number;
  /** Returns the joined keys of the next events, which it writes to `events`. */
  watchRead(handle: HandleId, watcher: number, most: number, events: Uint8Array, woken: boolean): string[];
  watchWait(handle: HandleId, watcher: number): number | undefined;
  watchEnd(handle: HandleId, watcher: number): void;

  /** Returns 0n for a missing key. */
  versionOf(handle: HandleId, key: string): bigint;
  /** Returns the ticket of a wait that yields `true`, or `undefined` after the timeout. */
  changeWait(handle: HandleId, key: string, version: bigint, timeout: number): number;

  /** Returns the bytes of record structures past the first `known` ones, `undefined` if the dictionary has no table. */
  structures(handle: HandleId, known: number): Buffer | undefined;
  /** Appends structures if there are `expected` ones: 0 done, 1 at another count, 2 no room. */
  appendStructures(handle: HandleId, expected: number, added: number, bytes: Uint8Array): number;

  size(handle: HandleId): number;
  stats(handle: HandleId): Stats;
  verify(handle: HandleId): string[];
}

/** The most frequent calls; see fast-calls.ts. */
export interface NativeFastCalls {
  get(key: string): unknown;
  getWithValidator(key: string): unknown;
  getFrozen(key: string): unknown;
  findVersion(key: string): undefined;
  clock(): undefined;
  exactClock(): undefined;
  has(key: string): undefined;
  hasWithValidator(key: string): undefined;
  ttl(key: string): undefined;
  setText(key: string, value: string): undefined;
  setNumber(key: string): undefined;
  setEncoded(key: string, text: string): undefined;
  incr(key: string): bigint | undefined;
  incrBy(key: string): undefined;
  incrEntry(key: string): bigint | undefined;
  expire(key: string): undefined;
  throttle(key: string): undefined;
}

export const dict: NativeDict = nativePart('dict');
export const fast: NativeFastCalls = nativePart('fast');
