// Values that this thread has read before, as JavaScript values. A validator in the shared memory tells whether each is
// still current. docs/locking.md has the proof.
import { noteClosed, type ObjectName } from '../addon/errors.js';
import type { HandleId } from '../addon/native.js';
import { Int32Array, Uint8Array } from '../addon/intrinsics.js';
import { barrier, CacheEntry, load, mark, validated } from './cache-entry.js';
import { dict } from './native.js';
import { validator } from './call-frame.js';
import { encodedSize, findVersion, get, getFrozen, getWithValidator, has, hasWithValidator, isAhead, isFarAhead } from './fast-calls.js';
import { deepFreeze } from './freeze.js';

/** The limits of a cache. */
export interface CacheLimits {
  /** The number of keys. */
  readonly maxEntries: number;
  /** Bytes of keys and values, approximately: one per character, although characters beyond Latin-1 take two. */
  readonly maxBytes: number;
}

export const DEFAULT_LIMITS: CacheLimits = { maxEntries: 16_384, maxBytes: 16 * 1024 * 1024 };

/** The approximate size of an entry without the characters of its key and value. */
const ENTRY_BYTES = 160;
/** The approximate bytes of a frozen object for each of its encoded bytes. */
const OBJECT_BYTES = 4;
/** Hits are added to the dictionary's statistics in batches of this size. */
const HITS_COUNTED = 4096;
/** The index of the epoch word's lower half, in 32-bit numbers. It also changes when the dictionary is replaced. */
const EPOCH = 128;
/** A miss costs about as much more than a plain read as a hit saves. */
const FAIR_HITS_PER_MISS = 0.8;
const SHORTEST_WINDOW = 512;
/** The number of windows for which a cache that does not help is disabled: at first, and at most. */
const FIRST_DISABLED = 8;
const LONGEST_DISABLED = 128;

/**
 * Two generations: new entries go into the young one, and when that is full, the old one is dropped. An entry that is
 * still in use is then fetched once more, which costs less than to keep every hit in order.
 */
export class LocalCache {
  /** 0 once closed, which the addon treats as closed. */
  #handle: HandleId;
  /** The shared memory while the cache is enabled, from the first read on. */
  #words: Int32Array | undefined;
  #memory: Int32Array | undefined;
  /** The same memory, for the reference bits, if entries can be evicted. */
  #bytes: Uint8Array | undefined;
  readonly #setsReferenceBit: boolean;
  readonly #limits: CacheLimits;
  /** Misses between two adaptations: enough to fill a generation, so that a cold cache is not disabled. */
  readonly #window: number;
  #young = new Map<string, CacheEntry>();
  #old = new Map<string, CacheEntry>();
  #youngBytes = 0;
  /** The lower half of the epoch word under which all entries were read. */
  #epoch = 0;
  /** Hits since the last adaptation, without those of the tally. */
  #hits = 0;
  /** Hits that are not yet in the statistics. */
  #tally = 0;
  #misses = 0;
  /** The dictionary, once its handle is closed. */
  #closed: ObjectName | undefined;
  /** Reads for which the cache will still be disabled. */
  #disabledReads = 0;
  #disabledWindows = FIRST_DISABLED;

  /** `setsReferenceBit`: whether hits set reference bits. */
  constructor(handle: HandleId, setsReferenceBit: boolean, limits: CacheLimits) {
    this.#handle = handle;
    this.#setsReferenceBit = setsReferenceBit;
    this.#limits = limits;
    this.#window = Math.max(limits.maxEntries / 2, SHORTEST_WINDOW);
  }

  /** Returns the value of a key if it is cached and current; `undefined` means that the addon must be asked. */
  read(key: string): unknown {
    const words = this.#words;
    if (words === undefined) return undefined;
    let entry = this.#young.get(key);
    if (entry === undefined) {
      entry = this.#old.get(key);
      if (entry === undefined) return undefined;
    }
    return entry.value !== undefined && this.#isCurrent(words, entry) ? entry.value : undefined;
  }

  /** Like `read`, for `getFrozen`. */
  readFrozen(key: string): unknown {
    const entry = this.#young.get(key) ?? this.#old.get(key);
    if (entry === undefined) return undefined;
    const value = entry.value === undefined ? entry.rare?.frozen : entry.value;
    if (value === undefined) return undefined;
    const words = this.#memory;
    return (words === undefined ? this.#hasVersion(key, entry) : this.#isCurrent(words, entry)) ? value : undefined;
  }

  /** Asks the addon, freezes what it can, and caches it if that is allowed. */
  fetchFrozen(key: string, decode: (returned: unknown) => unknown): unknown {
    if (this.#memory === undefined && this.#disabledReads !== Infinity) this.#view();
    const returned = getFrozen(this.#handle, key);
    if (typeof returned !== 'object' || returned === null) {
      if (!this.#isDisabled()) this.#keep(key, returned);
      return decode(returned);
    }
    if (validator.word() === 0) return decode(returned);
    // A codec of the user can read other keys, so what the call frame says comes first.
    const rare = { deadline: validator.deadline(), frozen: undefined as object | undefined };
    const epoch = this.#enterEpoch();
    const entry = validated(undefined, rare);
    const bytes = OBJECT_BYTES * encodedSize(returned);
    const value = decode(returned);
    if (deepFreeze(value) && epoch === this.#epoch && this.#closed === undefined) {
      rare.frozen = value;
      this.#put(key, entry, bytes);
    }
    return value;
  }

  // Where the runtime allows no view of the memory, the addon tells the version.
  #hasVersion(key: string, entry: CacheEntry): boolean {
    return findVersion(this.#handle, key) && validator.versionLow() === entry.versionLow && validator.versionHigh() === entry.versionHigh;
  }

  /** Returns whether the key exists. Asks the addon only if that is not cached. */
  has(key: string): boolean {
    const words = this.#words;
    if (words === undefined) return this.#find(key);
    const entry = this.#young.get(key) ?? this.#old.get(key);
    return (entry !== undefined && this.#isCurrent(words, entry)) || this.#find(key);
  }

  // Epoch, index word, clock, version, in this order: a hit takes effect when the index word is loaded.
  #isCurrent(words: Int32Array, entry: CacheEntry): boolean {
    const tally = this.#tally + 1;
    barrier[0] = tally;
    const { word, block, due } = entry;
    if (
      load(words, EPOCH) !== this.#epoch ||
      load(words, word) !== block ||
      (due !== 0 && !isFarAhead(due - 1) && !isAhead(entry.rare?.deadline ?? 0)) ||
      load(words, block * 2) !== entry.versionLow ||
      load(words, block * 2 + 1) !== entry.versionHigh
    ) {
      return false;
    }
    this.#tally = tally;
    if (tally >= HITS_COUNTED || this.#bytes !== undefined) this.#finish(entry);
    return true;
  }

  // The rare part of a hit, in a function of its own so that the compiler need not repeat checks after it.
  #finish(entry: CacheEntry): void {
    if (this.#tally >= HITS_COUNTED) this.countHits();
    if (this.#bytes !== undefined) mark(this.#bytes, entry.word);
  }

  /** Asks the addon, and caches the value if that is allowed. */
  fetch(key: string): unknown {
    if (this.#isDisabled()) return get(this.#handle, key);
    const value = getWithValidator(this.#handle, key);
    this.#keep(key, value);
    return value;
  }

  // Asks the addon whether the key exists, and caches the result.
  #find(key: string): boolean {
    if (this.#isDisabled()) return has(this.#handle, key);
    const found = hasWithValidator(this.#handle, key);
    this.#keep(key, undefined);
    return found;
  }

  // Returns whether a miss must not be cached.
  #isDisabled(): boolean {
    if (this.#disabledReads > 0) {
      this.#disabledReads--;
      if (this.#closed !== undefined) noteClosed(this.#closed);
      return true;
    }
    this.#words ??= this.#memory ?? this.#view();
    return this.#words === undefined;
  }

  /** Adds recent hits to the dictionary's statistics. */
  countHits(): void {
    const hits = this.#tally;
    if (hits === 0) return;
    this.#tally = 0;
    this.#hits += hits;
    dict.countHits(this.#handle, hits);
  }

  /** Drops everything. From then on nothing is answered. */
  close(object: ObjectName): void {
    this.countHits();
    this.#closed = object;
    this.#handle = 0;
    this.#disabledReads = Infinity;
    this.#words = undefined;
    this.#memory = undefined;
    this.#bytes = undefined;
    this.#young.clear();
    this.#old.clear();
  }

  // Gets a view of the shared memory. Where the runtime makes none, the cache stays disabled.
  #view(): Int32Array | undefined {
    const memory = dict.view(this.#handle);
    if (memory === undefined) {
      this.#disabledReads = Infinity;
      return undefined;
    }
    this.#memory = new Int32Array(memory, 0, Math.floor(memory.byteLength / 4));
    this.#bytes = this.#setsReferenceBit ? new Uint8Array(memory) : undefined;
    return this.#memory;
  }

  // Caches the result of a miss if the addon allows it.
  #keep(key: string, value: unknown): void {
    if (validator.word() !== 0) this.#cacheWithValidator(key, value);
    if (++this.#misses >= this.#window) this.#adapt();
  }

  #cacheWithValidator(key: string, value: unknown): void {
    this.#enterEpoch();
    const deadline = value === undefined ? 0 : validator.deadline();
    const rare = deadline === 0 ? undefined : { deadline, frozen: undefined };
    this.#put(key, validated(value, rare), typeof value === 'string' ? value.length : 0);
  }

  // Drops the entries of an earlier epoch than the validator's.
  #enterEpoch(): number {
    const epoch = validator.epochLow();
    if (epoch !== this.#epoch) {
      // Entries from before a `clear` are no longer valid.
      this.#epoch = epoch;
      this.#old.clear();
      this.#young.clear();
      this.#youngBytes = 0;
    }
    return epoch;
  }

  #put(key: string, entry: CacheEntry, valueBytes: number): void {
    const { maxEntries, maxBytes } = this.#limits;
    const bytes = ENTRY_BYTES + key.length + valueBytes;
    if (bytes > maxBytes / 8) return;
    this.#youngBytes += bytes;
    if (this.#young.size >= maxEntries / 2 || this.#youngBytes > maxBytes / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = bytes;
    }
    this.#young.set(key, entry);
  }

  // Disables the cache for a while, longer each time, after a window with too few hits per miss.
  #adapt(): void {
    this.countHits();
    const helps = this.#hits >= FAIR_HITS_PER_MISS * this.#misses;
    if (!helps) {
      this.#disabledReads = this.#misses * this.#disabledWindows;
      this.#words = undefined;
    }
    this.#disabledWindows = helps ? FIRST_DISABLED : Math.min(this.#disabledWindows * 2, LONGEST_DISABLED);
    this.#hits = 0;
    this.#misses = 0;
  }
}
