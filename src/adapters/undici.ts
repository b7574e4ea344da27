// A store for the cache interceptor of undici.
import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { boundedKey, type Dict } from './entries.js';
import { type CacheKey, isAlive, isReplaced, type ResponseHead, type Variant, variantFor, variantsIn } from './undici-variants.js';

type Found = ResponseHead & { body: Buffer };

interface ShmCacheStoreOptions {
  prefix?: string | undefined;
  /** The largest body that is cached, in bytes. Default 5 MiB. */
  maxEntrySize?: number | undefined;
  /** How many variants of one response are kept, by the headers that `vary` names. The oldest give way. Default 32. */
  maxVariants?: number | undefined;
}

/**
 * Stores responses in a dictionary: under each origin and path a list of variants, without their bodies, which have entries
 * of their own. Such a list is decoded once as long as it does not change.
 */
export class ShmCacheStore {
  /** How often the dictionary could not be used, or held the value of another program: each was a miss. */
  failed = 0;
  readonly #dict: Dict;
  readonly #prefix: string;
  readonly #maxEntrySize: number;
  readonly #maxVariants: number;

  constructor(dict: Dict, { prefix = 'http:', maxEntrySize = 5 * 1024 * 1024, maxVariants = 32 }: ShmCacheStoreOptions = {}) {
    this.#dict = dict;
    this.#prefix = prefix;
    this.#maxEntrySize = maxEntrySize;
    this.#maxVariants = Math.max(maxVariants, 1);
  }

  get(key: CacheKey): Found | undefined {
    const id = this.#keyOf(key);
    return this.#attempt(() => this.#find(key, id));
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
    const id = this.#keyOf(key);
    // Errors are ignored, as undici ignores those of stores that answer with promises.
    const variants = this.#attempt(() => variantsIn(this.#dict.getFrozen(id))) ?? [];
    this.#attempt(() => this.#dict.delete(id));
    this.#attempt(() => this.#removeBodies(variants));
  }

  /** Returns undefined, and counts, if an action fails: requests can be answered without a cache. */
  #attempt<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch {
      this.failed += 1;
      return undefined;
    }
  }

  #find(key: CacheKey, id: string): Found | undefined {
    const variant = variantFor(key, variantsIn(this.#dict.getFrozen(id)));
    if (variant === undefined) return undefined;
    const { method: _method, bodyKey, ...head } = variant;
    // Evicted alone, the body of a variant is missing, and with it the response.
    const body: Buffer | undefined = bodyKey === undefined ? Buffer.alloc(0) : this.#dict.get(bodyKey);
    return body === undefined ? undefined : { ...head, headers: { ...head.headers }, body };
  }

  #keyOf(key: CacheKey): string {
    checkKey(key);
    return boundedKey(this.#prefix, `${key.origin} ${key.path}`);
  }

  #store(key: CacheKey, head: ResponseHead, body: Buffer): void {
    const ttl = secondsUntil(head.deleteAt);
    if (ttl <= 0) return;
    const variant: Variant = { ...withoutUndefined(head), method: key.method };
    if (body.byteLength > 0) {
      variant.bodyKey = `${this.#prefix}body:${randomUUID()}`;
      this.#dict.set(variant.bodyKey, body, ttl);
    }
    try {
      this.#removeBodies(this.#addVariant(key, variant));
    } catch (error) {
      this.#removeBodies([variant]);
      throw error;
    }
  }

  // Returns the variants that gave way. Another process may add a variant of the same response at the same time.
  #addVariant(key: CacheKey, variant: Variant): Variant[] {
    const id = this.#keyOf(key);
    for (;;) {
      const entry = this.#dict.getEntry(id);
      const present = variantsIn(entry?.value);
      const others = present.filter((other) => isAlive(other) && !isReplaced(other, variant, key));
      // Not `toSorted`, which Node.js 18 lacks.
      const kept = others.sort((one, other) => other.cachedAt - one.cachedAt).slice(0, this.#maxVariants - 1);
      // Of several that answer a request, the newest is found.
      const variants = [variant, ...kept];
      const ttl = secondsUntil(Math.max(...variants.map(({ deleteAt }) => deleteAt)));
      if (ttl <= 0) return [variant];
      if (this.#dict.set(id, variants, entry ? { ttl, ifVersion: entry.version } : { ttl, ifAbsent: true })) {
        return present.filter((other) => !kept.includes(other));
      }
    }
  }

  #removeBodies(variants: readonly Variant[]): void {
    this.#dict.deleteMany(variants.flatMap(({ bodyKey }) => bodyKey ?? []));
  }
}

/** Plain JSON is what a dictionary decodes fastest. */
function withoutUndefined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

// By the clock that undici goes by, which need not be the dictionary's.
function secondsUntil(ms: number): number {
  return (ms - Date.now()) / 1000;
}

function checkKey(key: CacheKey): void {
  if (typeof key !== 'object' || key === null) throw new TypeError(`expected key to be an object, got ${typeof key}`);
}
