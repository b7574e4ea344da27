// `cacheHandler` of Next.js 16: pages, route handlers, fetches and images.
import fs from 'node:fs';
import path from 'node:path';
import { boundedKey } from './entries.js';
import { fromMachine, machineNow } from './next-clock.js';
import { type NextOptions, type NextStorage, openedOnce } from './next-storage.js';

interface Value {
  kind: string;
  headers?: Record<string, unknown> | undefined;
  tags?: string[] | undefined;
}
interface Found {
  value: Value;
  /** In ms since 1970, as Next.js tells it in this process. */
  lastModified: number;
  cacheControl?: { revalidate?: number | false; expire?: number | undefined } | undefined;
}
interface Stored extends Omit<Found, 'lastModified'> {
  /** In ms, by the machine's clock. */
  storedAt: number;
  tags: string[];
}
interface Context {
  kind?: string | undefined;
  fetchCache?: boolean | undefined;
  tags?: string[] | undefined;
  softTags?: string[] | undefined;
  cacheControl?: Stored['cacheControl'];
}
interface NextCacheHandler {
  get(key: string, context?: Context): Promise<Found | null>;
  set(key: string, value: Value | null, context?: Context): Promise<void>;
  revalidateTag(tags: string | string[], durations?: { expire?: number | undefined }): Promise<void>;
  resetRequestCache(): void;
}
type HandlerClass = new (context?: { serverDistDir?: string | undefined }) => NextCacheHandler;

/** Returns a class to export from the module that `cacheHandler` names in `next.config.js`. */
export function createCacheHandler(options: NextOptions = {}): HandlerClass {
  const storage = openedOnce(options);
  return class ShmCacheHandler implements NextCacheHandler {
    readonly #build: string;

    constructor(context: { serverDistDir?: string | undefined } = {}) {
      this.#build = buildIdOf(context.serverDistDir);
    }

    async get(key: string, context: Context = {}) {
      if (isBuilding()) return null;
      const place = storage();
      try {
        return read(place, this.#keyOf(key, context.kind), context);
      } catch {
        // What another program stored, or what cannot be decoded, is rendered or fetched anew.
        return null;
      }
    }

    async set(key: string, value: Value | null, context: Context = {}) {
      if (isBuilding()) return;
      const id = this.#keyOf(key, value?.kind ?? context.kind ?? (context.fetchCache ? 'FETCH' : undefined));
      const { entries } = storage();
      if (value === null) entries.delete(id);
      else write(storage(), id, { value, storedAt: machineNow(), cacheControl: context.cacheControl, tags: tagsOf(value, context) });
    }

    async revalidateTag(tags: string | string[], durations?: { expire?: number | undefined }) {
      storage().tags.update([tags].flat(), durations);
    }

    /** Nothing is kept for a request. */
    resetRequestCache() {}

    // What a build rendered refers to its scripts; what was fetched is good for every build.
    #keyOf(key: string, kind: string | undefined): string {
      return boundedKey(kind === 'FETCH' ? 'fetch:' : `page:${encodeURIComponent(this.#build)}:`, key);
    }
  };
}

function read({ entries, tags }: NextStorage, id: string, { softTags = [], tags: asked = [] }: Context): Found | null {
  const stored: Stored | undefined = entries.get(id);
  if (typeof stored?.storedAt !== 'number') return null;
  const freshness = tags.freshness([...stored.tags, ...asked, ...softTags], stored.storedAt);
  if (freshness === 'expired') return null;
  const { value, cacheControl } = stored;
  const lastModified = Math.floor(fromMachine(stored.storedAt));
  if (freshness === 'fresh') return { value, lastModified, cacheControl };
  return staleResult(value, lastModified, cacheControl);
}

// Next.js keeps its list of stale tags in each process. What is older than its time to revalidate is stale for all: it is
// served once more, and rendered or fetched again.
function staleResult(value: Value, lastModified: number, cacheControl: Stored['cacheControl']): Found {
  if (value.kind === 'FETCH') return { value, lastModified: 1, cacheControl };
  return { value, lastModified: Math.min(lastModified, Math.floor(fromMachine(machineNow())) - 1001), cacheControl: { ...cacheControl, revalidate: 1 } };
}

function write({ entries }: NextStorage, id: string, stored: Stored): void {
  try {
    entries.set(id, stored);
  } catch (error) {
    // Too large for the whole dictionary: not cached. The old value is older than what was rendered now.
    if (!['ERR_SHM_FULL', 'ERR_SHM_TOO_LARGE'].includes((error as { code: string }).code)) throw error;
    entries.delete(id);
  }
}

function tagsOf(value: Value, { tags = [] }: Context): string[] {
  const listed = value.headers?.['x-next-cache-tags'];
  return [...tags, ...(value.tags ?? []), ...(typeof listed === 'string' ? listed.split(',') : [])];
}

// Pages that are rendered while the build runs are in its output already.
function isBuilding(): boolean {
  return process.env.NEXT_PHASE === 'phase-production-build';
}

const builds = new Map<string, string>();

function buildIdOf(serverDistDir: string | undefined): string {
  if (serverDistDir === undefined) return '';
  let id = builds.get(serverDistDir);
  if (id === undefined) {
    const file = path.join(serverDistDir, '..', 'BUILD_ID');
    id = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim() : 'development';
    builds.set(serverDistDir, id);
  }
  return id;
}

export const cacheHandler: HandlerClass = createCacheHandler();
export default cacheHandler;
