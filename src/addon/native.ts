// The addon as TypeScript sees it. Numbers of handles, scans and leases are the addon's own; times
// are nanoseconds; a missing value is `undefined`. The comments are in crates/node/src.
import type { NativeMap, NativeRangeLock } from '../files/native.js';
import type { NativeLocks } from '../locks/native.js';
import type { NativeMutex } from '../mutex/native.js';
import type { NativeSegment } from '../segment/native.js';
import type { NativeRing } from '../ring/native.js';
import type { NativeSemaphore } from '../semaphore/native.js';
import type { ListedObject } from '../object/named-types.js';
import type { ListedDict, Stats } from '../types.js';
import { createError, type ErrorDetails } from './errors.js';
import { loadAddon } from './loader.js';

/** The bundler puts it in: to read package.json takes a while. */
declare const PACKAGE_VERSION: string;

/** A number that names an open handle; 0 names none. */
export type HandleId = number;

/** Options after checking, in base units. */
export interface NativeOptions {
  dir?: string | undefined;
  readOnly?: boolean | undefined;
  lockTimeoutMs?: number | undefined;
  trustUids?: readonly number[] | undefined;
  size?: number | undefined;
  evict?: boolean | undefined;
  persist?: boolean | undefined;
  replace?: boolean | undefined;
  mode?: number | undefined;
  maxEntries?: number | undefined;
  checksums?: boolean | undefined;
}

/** A new handle. */
export interface Opened {
  readonly id: HandleId;
  readonly path: string;
  readonly segment: string;
  readonly owner: boolean;
  readonly readOnly: boolean;
}

/** A new handle of a dictionary. */
export interface OpenedDict extends Opened {
  /** Entries may be evicted. */
  readonly evicts: boolean;
}

/** What every kind of named objects has, dictionaries excepted; `Own` are the options of making one. */
export interface NativeKind<Own> {
  create(name: string, options: Own): Opened;
  open(name: string, options: NativeOptions): Opened;
  openOrCreate(name: string, options: Own): Opened;
  unlink(name: string, dir?: string): boolean;
  prune(dir?: string): string[];
  list(dir?: string): Array<ListedObject & { entries: number }>;
}

type CreateError = (code: string, message: string, details?: ErrorDetails, ...received: unknown[]) => Error;

/** The calls that are made most: src/dict/fast-calls.ts. */
export interface NativeFastCalls {
  get(key: string): unknown;
  getWitnessed(key: string): unknown;
  has(key: string): undefined;
  hasWitnessed(key: string): undefined;
  ttl(key: string): undefined;
  setText(key: string, value: string): undefined;
  setNumber(key: string): undefined;
  incr(key: string): bigint | undefined;
  incrBy(key: string): undefined;
  expire(key: string): undefined;
}

export interface Native {
  version(): string;
  configure(callFrame: ArrayBuffer, createError: CreateError): void;
  create(name: string, options: NativeOptions): OpenedDict;
  open(name: string, options: NativeOptions): OpenedDict;
  openOrCreate(name: string, options: NativeOptions): OpenedDict;
  close(handle: HandleId): void;
  view(handle: HandleId): ArrayBuffer | undefined;
  closeNamed(handle: HandleId): void;
  configureWaits(receive: (results: unknown[]) => void): void;
  cancelWait(ticket: number): void;
  keepAliveForWaits(on: boolean): void;
  confirmWaits(): number;
  yieldProcessor(): void;
  releaseNames(): void;
  unlink(name: string, dir?: string): boolean;
  prune(dir?: string): string[];
  list(dir?: string): ListedDict[];

  countHits(handle: HandleId, hits: number): void;
  getEntry(handle: HandleId, key: string): unknown;
  getStale(handle: HandleId, key: string): unknown;
  getInto(handle: HandleId, key: string, target: Uint8Array, offset: number): number;

  /** What is left out is plain, without a TTL, and unconditional. */
  set(handle: HandleId, key: string, value: unknown, kind?: number, ttl?: number, condition?: number, version?: bigint): boolean;
  swap(handle: HandleId, key: string, value: unknown, kind: number, ttl: number): unknown;
  delete(handle: HandleId, key: string, version: bigint | undefined): boolean;
  take(handle: HandleId, key: string): unknown;
  /** What is left out: no `init`, the TTL stays. */
  incr(handle: HandleId, key: string, delta: unknown, init?: unknown, ttl?: number, initTtl?: number): number | bigint | undefined;
  clear(handle: HandleId): void;
  flushExpired(handle: HandleId, max: number): number;

  getMany(handle: HandleId, keys: string, count: number, records: Uint8Array): string | unknown[];
  setMany(handle: HandleId, entries: string, count: number, records: Uint8Array, ttl: number, condition: number): void;
  deleteMany(handle: HandleId, keys: string, count: number, records: Uint8Array): number;

  scanStart(handle: HandleId): number;
  scanKeys(handle: HandleId, scan: number, batch: number, prefix: string | undefined, ends: Uint8Array): string;
  scanEntries(handle: HandleId, scan: number, batch: number): unknown[];
  scanEnd(handle: HandleId, scan: number): void;

  push(handle: HandleId, key: string, item: unknown, kind: number, right: boolean): number;
  pop(handle: HandleId, key: string, right: boolean): unknown;
  listLength(handle: HandleId, key: string): number;
  listRange(handle: HandleId, key: string, start: number, stop: number): unknown[];

  leaseAcquire(handle: HandleId, key: string): number;
  leaseStore(handle: HandleId, key: string, value: unknown, kind: number, ttl: number, lease: number): boolean;
  leaseRelease(handle: HandleId, lease: number): void;

  size(handle: HandleId): number;
  stats(handle: HandleId): Stats;
  verify(handle: HandleId): string[];

  readonly fast: NativeFastCalls;
  readonly locks: NativeLocks;
  readonly mutex: NativeMutex;
  readonly sem: NativeSemaphore;
  readonly segment: NativeSegment;
  readonly ring: NativeRing;
  readonly map: NativeMap;
  readonly rangeLock: NativeRangeLock;
}

/** What a call takes and gives beside arguments and value: the fields are in crates/node/src/runtime/call_frame.rs. */
export const memory: ArrayBuffer = new ArrayBuffer(72);
const version = new BigUint64Array(memory, 0, 1);
const seconds = new Float64Array(memory, 8, 1);
const flags = new Uint32Array(memory, 16, 2);

/** What a call has returned beside its value. Read it before anything else runs. */
export const callFrame = {
  /** Of `getEntry` and `getStale`. */
  version: (): bigint => version[0] as bigint,
  /** Of `getEntry` and `getStale`: 0 for no expiry, negative if it has passed. */
  seconds: (): number => seconds[0] as number,
  /** Of every call that returned a `Buffer`: what its bytes mean. */
  kind: (): number => flags[0] as number,
  /** Of `scanKeys` and `scanEntries`. */
  more: (): boolean => flags[1] !== 0,
};

const halves = new Int32Array(memory, 24, 8);

/**
 * What the answers of `getWitnessed` and `hasWitnessed` rest on: where the index word is, as a number of 32 bits in
 * the handle's view, or 0 if the value must not be kept; then halves of index word, version and epoch word.
 */
export const witness = {
  word: (): number => halves[0] as number,
  wordLow: (): number => halves[2] as number,
  versionLow: (): number => halves[4] as number,
  versionHigh: (): number => halves[5] as number,
  epochLow: (): number => halves[6] as number,
};

export const native: Native = load();

function load(): Native {
  const addon = loadAddon(PACKAGE_VERSION) as Native;
  addon.configure(memory, createError);
  // The addon's own object has so many properties that V8 makes a hash table of it. A copy is one that it knows the
  // shape of, so that the compiler finds the functions without a look-up for every call.
  return { ...addon };
}
