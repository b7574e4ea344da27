// Values that this thread has read before, kept as JavaScript's own, each with a witness in the shared
// memory by which a look tells whether it is still what the dictionary holds. docs/locking.md proves it.
import type { HandleId } from '../addon/native.js';
import { dict } from './native.js';
import { witness } from './call-frame.js';
import { get, getWitnessed, has, hasWitnessed } from './fast-calls.js';

/** What a cache may take. */
export interface CacheLimits {
  /** Keys kept. */
  readonly maxEntries: number;
  /** Bytes of keys and values, about: a byte a character, though those beyond Latin-1 take two. */
  readonly maxBytes: number;
}

export const DEFAULT_LIMITS: CacheLimits = { maxEntries: 16_384, maxBytes: 16 * 1024 * 1024 };

/** Bytes that an entry takes beside the characters of its key and value, about. */
const ENTRY_BYTES = 160;
/** Hits are added to the dictionary's statistics by so many. */
const HITS_COUNTED = 4096;
/** Where the epoch word's lower half is, as a number of 32 bits. It changes too when the dictionary is replaced. */
const EPOCH = 128;
/** Where a bucket has its reference bits. */
const REFERENCES = 60;
/** A miss costs about as much more than a plain read as a hit costs less. */
const FAIR_HITS_PER_MISS = 0.8;
const SHORTEST_WINDOW = 512;
/** For how many windows the cache stays off when it does not help: at first, and at most. */
const FIRST_DISABLED = 8;
const LONGEST_DISABLED = 128;

/**
 * A value, `undefined` if only `has` has asked, and what it rests on. Small, because with many keys the time of a hit is
 * that of cache misses.
 *
 * The lower half of the index word is the number of the entry's block, 8 bytes each. That it is the same
 * says, together with the version, as much as the whole word would: see docs/locking.md.
 */
class CacheEntry {
  constructor(
    readonly value: unknown,
    readonly word: number,
    readonly block: number,
    readonly versionLow: number,
    readonly versionHigh: number,
  ) {}
}

/**
 * Two generations: what is fetched comes into the young one, and when that is full the old one goes. What is
 * still in use is then fetched once more, which costs less than to keep every hit in order.
 */
export class LocalCache {
  /** 0 once closed, which the addon knows as closed. */
  #handle: HandleId;
  /** The shared memory, while the cache answers: from the first read on, but for rests. */
  #words: Int32Array | undefined;
  #memory: Int32Array | undefined;
  /** The same for the reference bits, where entries may be evicted. */
  #bytes: Uint8Array | undefined;
  readonly #setsReferenceBit: boolean;
  readonly #limits: CacheLimits;
  /** Misses between judgements: enough to fill a generation, so that a cold cache is not judged. */
  readonly #window: number;
  #young = new Map<string, CacheEntry>();
  #old = new Map<string, CacheEntry>();
  #youngBytes = 0;
  /** The lower half of the epoch word at which all that is kept was read. */
  #epoch = 0;
  /** Since the last judgement, but for those of the tally. */
  #hits = 0;
  /** Hits that the statistics do not have yet. */
  #tally = 0;
  #misses = 0;
  /** Reads to come for which the cache is off. */
  #disabledReads = 0;
  #disabledWindows = FIRST_DISABLED;

  /** `setsReferenceBit`: hits set reference bits. */
  constructor(handle: HandleId, setsReferenceBit: boolean, limits: CacheLimits) {
    this.#handle = handle;
    this.#setsReferenceBit = setsReferenceBit;
    this.#limits = limits;
    this.#window = Math.max(limits.maxEntries / 2, SHORTEST_WINDOW);
  }

  /** The value of a key, if it is kept and still current; `undefined` stands for "ask the addon". */
  read(key: string): unknown {
    const words = this.#words;
    if (words === undefined) return undefined;
    let entry = this.#young.get(key);
    if (entry === undefined) {
      entry = this.#old.get(key);
      if (entry === undefined) return undefined;
    }
    return this.#isCurrent(words, entry) ? entry.value : undefined;
  }

  /** Whether the key is there. The addon is asked only where that is not known. */
  has(key: string): boolean {
    const words = this.#words;
    if (words === undefined) return this.#find(key);
    const entry = this.#young.get(key) ?? this.#old.get(key);
    return (entry !== undefined && this.#isCurrent(words, entry)) || this.#find(key);
  }

  // Epoch, index word, version, in this order: a hit takes effect when the index word is loaded.
  #isCurrent(words: Int32Array, entry: CacheEntry): boolean {
    const tally = this.#tally + 1;
    barrier[0] = tally;
    const { word, block } = entry;
    if (
      load(words, EPOCH) !== this.#epoch ||
      load(words, word) !== block ||
      load(words, block * 2) !== entry.versionLow ||
      load(words, block * 2 + 1) !== entry.versionHigh
    ) {
      return false;
    }
    this.#tally = tally;
    if (tally >= HITS_COUNTED || this.#bytes !== undefined) this.#finish(entry);
    return true;
  }

  // What not every hit has to do. Apart, so that the compiler need not check again afterwards what it knew before.
  #finish(entry: CacheEntry): void {
    if (this.#tally >= HITS_COUNTED) this.countHits();
    if (this.#bytes !== undefined) mark(this.#bytes, entry.word);
  }

  /** Asks the addon, and keeps what may be kept. */
  fetch(key: string): unknown {
    if (this.#isDisabled()) return get(this.#handle, key);
    const value = getWitnessed(this.#handle, key);
    this.#keep(key, value);
    return value;
  }

  // Asks the addon whether the key is there, and keeps that.
  #find(key: string): boolean {
    if (this.#isDisabled()) return has(this.#handle, key);
    const found = hasWitnessed(this.#handle, key);
    this.#keep(key, undefined);
    return found;
  }

  // Of a miss: whether it stays one.
  #isDisabled(): boolean {
    if (this.#disabledReads > 0) {
      this.#disabledReads--;
      return true;
    }
    this.#words ??= this.#memory ?? this.#view();
    return this.#words === undefined;
  }

  /** Adds the hits of late to the dictionary's statistics. */
  countHits(): void {
    const hits = this.#tally;
    if (hits === 0) return;
    this.#tally = 0;
    this.#hits += hits;
    dict.countHits(this.#handle, hits);
  }

  /** Forgets everything, and answers nothing any more. */
  close(): void {
    this.countHits();
    this.#handle = 0;
    this.#disabledReads = Infinity;
    this.#words = undefined;
    this.#memory = undefined;
    this.#bytes = undefined;
    this.#young.clear();
    this.#old.clear();
  }

  // Looks at the shared memory for the first time; where that is forbidden the cache rests for ever.
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

  // Of a miss: what the addon said, if that may be kept.
  #keep(key: string, value: unknown): void {
    if (witness.word() !== 0) this.#keepWitnessed(key, value);
    if (++this.#misses >= this.#window) this.#adapt();
  }

  #keepWitnessed(key: string, value: unknown): void {
    const epoch = witness.epochLow();
    if (epoch !== this.#epoch) {
      // What was kept before a `clear` is gone.
      this.#epoch = epoch;
      this.#old.clear();
      this.#young.clear();
      this.#youngBytes = 0;
    }
    this.#put(key, new CacheEntry(value, witness.word(), witness.wordLow(), witness.versionLow(), witness.versionHigh()));
  }

  #put(key: string, entry: CacheEntry): void {
    const { maxEntries, maxBytes } = this.#limits;
    const bytes = ENTRY_BYTES + key.length + (typeof entry.value === 'string' ? entry.value.length : 0);
    if (bytes > maxBytes / 8) return;
    this.#youngBytes += bytes;
    if (this.#young.size >= maxEntries / 2 || this.#youngBytes > maxBytes / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = bytes;
    }
    this.#young.set(key, entry);
  }

  // Rests for a while, ever longer, when a window of misses had too few hits in between.
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

// A store before the loads of every try: it may alias the words, as far as a compiler can know, so that it must not
// use again what it loaded for the last one. In an `ArrayBuffer`, whose place is fixed: so its address is a constant.
const barrier = new Int32Array(new ArrayBuffer(4));

// A half of a word of the shared memory. Where the machine does loads in order only the compiler must be
// kept from moving them, and `Atomics.load` is a call that takes longer than all the rest of a hit.
const load = process.arch === 'x64' ? (words: Int32Array, at: number) => words[at] : Atomics.load;

// Sets the reference bit that eviction looks at. Other bits of the byte may be lost to another process
// that writes it just then: they are hints.
function mark(bytes: Uint8Array, word: number): void {
  const at = (word & ~15) * 4 + REFERENCES;
  const bit = 1 << ((word & 15) >> 1);
  const bits = bytes[at] as number;
  if ((bits & bit) === 0) bytes[at] = bits | bit;
}
