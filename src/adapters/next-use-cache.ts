// An entry of `cacheHandlers` of Next.js 16: `'use cache'` and `'use cache: remote'`.
import { boundedKey } from './entries.js';
import { fromMachine, machineNow, toMachine } from './next-clock.js';
import { type NextOptions, type NextStorage, openedOnce } from './next-storage.js';

/** Times are in seconds, `timestamp` is in ms since 1970. */
interface CacheEntry {
  value: ReadableStream<Uint8Array>;
  tags: string[];
  stale: number;
  timestamp: number;
  expire: number;
  revalidate: number;
}
/** Its `timestamp` is by the machine's clock. */
type Stored = Omit<CacheEntry, 'value'> & { value: Buffer };

interface UseCacheHandler {
  get(key: string, softTags: string[]): Promise<CacheEntry | undefined>;
  set(key: string, pending: Promise<CacheEntry>): Promise<void>;
  refreshTags(): Promise<void>;
  getExpiration(tags: string[]): Promise<number>;
  updateTags(tags: string[], durations?: { expire?: number | undefined }): Promise<void>;
}

/** Longer times, which Next.js writes for "for ever", are no time to live. */
const LONGEST_TTL = 10 * 365 * 86_400;

/** Returns an object to export from a module that `cacheHandlers` names in `next.config.js`. */
export function createCacheHandlers(options: NextOptions = {}): UseCacheHandler {
  const storage = openedOnce(options);
  /** What this process is storing: a `get` of the same key waits for it. */
  const pendingSets = new Map<string, Promise<void>>();
  return {
    async get(key, softTags) {
      const id = boundedKey('use-cache:', key);
      // The error of a set is told to its caller.
      await pendingSets.get(id)?.catch(() => {});
      const place = storage();
      try {
        return read(place, id, softTags);
      } catch {
        // What another program stored, or what cannot be decoded, is computed anew.
        return undefined;
      }
    },
    async set(key, pending) {
      const id = boundedKey('use-cache:', key);
      const work = storeEntry(id, pending);
      pendingSets.set(id, work);
      try {
        await work;
      } finally {
        if (pendingSets.get(id) === work) pendingSets.delete(id);
      }
    },
    /** Revalidations are in shared memory: there is nothing to fetch. */
    async refreshTags() {},
    async getExpiration(tags) {
      const time = storage().tags.expiration(tags);
      return time === undefined ? 0 : fromMachine(time);
    },
    async updateTags(tags, durations) {
      storage().tags.update(tags, durations);
    },
  };

  async function storeEntry(id: string, pending: Promise<CacheEntry>): Promise<void> {
    const entry = await completed(pending);
    if (entry === undefined || entry.expire <= 0) return;
    try {
      storage().entries.set(id, entry, entry.expire < LONGEST_TTL ? entry.expire : 0);
    } catch {
      // What does not fit is not cached. The entry before it is older than what was computed now.
      storage().entries.delete(id);
    }
  }
}

function read({ entries, tags }: NextStorage, id: string, softTags: string[]): CacheEntry | undefined {
  const stored: Stored | undefined = entries.get(id);
  if (!ArrayBuffer.isView(stored?.value) || machineNow() > stored.timestamp + stored.revalidate * 1000) return undefined;
  const freshness = tags.freshness([...stored.tags, ...softTags], stored.timestamp);
  if (freshness === 'expired') return undefined;
  return { ...stored, timestamp: fromMachine(stored.timestamp), value: streamOf(stored.value), revalidate: freshness === 'stale' ? -1 : stored.revalidate };
}

/** Returns undefined if the entry or its stream fails: what is stored, perhaps by another server meanwhile, stays as good. */
async function completed(pending: Promise<CacheEntry>): Promise<Stored | undefined> {
  try {
    const { value, timestamp, ...rest } = await pending;
    return { ...rest, timestamp: toMachine(timestamp), value: await bytesOf(value) };
  } catch {
    return undefined;
  }
}

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) chunks.push(part.value);
  return Buffer.concat(chunks);
}

function streamOf(bytes: Buffer): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(bytes));
      controller.close();
    },
  });
}

const cacheHandlers: UseCacheHandler = createCacheHandlers();
export default cacheHandlers;
// By name as well, for loaders that take a module for the handler.
export const get: UseCacheHandler['get'] = cacheHandlers.get;
export const set: UseCacheHandler['set'] = cacheHandlers.set;
export const refreshTags: UseCacheHandler['refreshTags'] = cacheHandlers.refreshTags;
export const getExpiration: UseCacheHandler['getExpiration'] = cacheHandlers.getExpiration;
export const updateTags: UseCacheHandler['updateTags'] = cacheHandlers.updateTags;
