// A store for the cache interceptor of undici.
import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { boundedKey, type Dict } from './entries.js';
import { type CacheKey, isAlive, isSameVariant, type ResponseHead, type Variant, variantFor } from './undici-variants.js';

type Found = ResponseHead & { body: Buffer };

/** Larger bodies have an entry of their own, so that a look at the variants does not read them all. */
const LARGEST_INLINE = 16 * 1024;

/** Stores responses in a dictionary: under each origin and path a list of variants. `maxEntrySize` is in bytes of body. */
export class ShmCacheStore {
  readonly #dict: Dict;
  readonly #prefix: string;
  readonly #maxEntrySize: number;

  constructor(dict: Dict, { prefix = 'http:', maxEntrySize = 5 * 1024 * 1024 }: { prefix?: string | undefined; maxEntrySize?: number | undefined } = {}) {
    this.#dict = dict;
    this.#prefix = prefix;
    this.#maxEntrySize = maxEntrySize;
  }

  get(key: CacheKey): Found | undefined {
    const variants: Variant[] = this.#dict.get(this.#keyOf(key)) ?? [];
    const variant = variantFor(key, variants);
    if (variant === undefined) return undefined;
    // Evicted alone, the body of a variant is missing, and with it the response.
    const body: Buffer | undefined = variant.bodyKey === undefined ? variant.body : this.#dict.get(variant.bodyKey);
    if (body === undefined) return undefined;
    const { method: _method, bodyKey: _bodyKey, ...head } = variant;
    return { ...head, body };
  }

  /** Returns a stream for the body, at whose end the response becomes visible. An oversized body ends it. */
  createWriteStream(key: CacheKey, head: ResponseHead): Writable {
    checkKey(key);
    const chunks: Buffer[] = [];
    let size = 0;
    const limit = this.#maxEntrySize;
    const store = (body: Buffer) => this.#store(key, head, body);
    return new Writable({
      write(chunk, encoding, done) {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
        size += bytes.byteLength;
        if (size > limit) this.destroy();
        else chunks.push(bytes);
        done(null);
      },
      final(done) {
        try {
          store(Buffer.concat(chunks));
        } catch (error) {
          done(error as Error);
          return;
        }
        done(null);
      },
    });
  }

  /** Removes the responses of all methods to this origin and path. */
  delete(key: CacheKey): void {
    const variants: Variant[] | undefined = this.#dict.take(this.#keyOf(key));
    if (variants) this.#removeBodies(variants);
  }

  #keyOf(key: CacheKey): string {
    checkKey(key);
    return boundedKey(this.#prefix, `${key.origin} ${key.path}`);
  }

  #store(key: CacheKey, head: ResponseHead, body: Buffer): void {
    const ttl = secondsUntil(head.deleteAt);
    if (ttl <= 0) return;
    const variant: Variant = { ...head, method: key.method };
    if (body.byteLength <= LARGEST_INLINE) {
      variant.body = body;
    } else {
      variant.bodyKey = `${this.#prefix}body:${randomUUID()}`;
      this.#dict.set(variant.bodyKey, body, ttl);
    }
    try {
      this.#removeBodies(this.#addVariant(this.#keyOf(key), variant));
    } catch (error) {
      this.#removeBodies([variant]);
      throw error;
    }
  }

  // Returns the variants that gave way. Another process may add a variant of the same response at the same time.
  #addVariant(id: string, variant: Variant): Variant[] {
    for (;;) {
      const entry = this.#dict.getEntry(id);
      const present: Variant[] = entry?.value ?? [];
      const kept = present.filter((other) => isAlive(other) && !isSameVariant(other, variant));
      const variants = [...kept, variant];
      const ttl = secondsUntil(Math.max(...variants.map(({ deleteAt }) => deleteAt)));
      if (ttl <= 0) return [variant];
      if (this.#dict.set(id, variants, entry ? { ttl, ifVersion: entry.version } : { ttl, ifAbsent: true })) {
        return present.filter((other) => !kept.includes(other));
      }
    }
  }

  #removeBodies(variants: Variant[]): void {
    this.#dict.deleteMany(variants.flatMap(({ bodyKey }) => bodyKey ?? []));
  }
}

// By the clock that undici goes by, which need not be the dictionary's.
function secondsUntil(ms: number): number {
  return (ms - Date.now()) / 1000;
}

function checkKey(key: CacheKey): void {
  if (typeof key !== 'object' || key === null) throw new TypeError(`expected key to be an object, got ${typeof key}`);
}
