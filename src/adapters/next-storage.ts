// The dictionaries of the two caches of Next.js.
import { SharedDict, type Size } from 'shmkit';
import type { Dict } from './entries.js';
import { Tags } from './next-tags.js';

export interface NextOptions {
  /** Default: SHMKIT_NEXT_NAME, or `next`. */
  name?: string | undefined;
  /** Default: SHMKIT_NEXT_SIZE, or 64 MiB. */
  size?: Size | undefined;
  /** Default: SHMKIT_NEXT_DIR, or that of all dictionaries. */
  dir?: string | undefined;
}

export interface NextStorage {
  entries: Dict;
  tags: Tags;
}

/** Returns a function that opens the dictionaries at its first call: Next.js loads handlers in processes that use none. */
export function openedOnce(options: NextOptions): () => NextStorage {
  let storage: NextStorage | undefined;
  return () => {
    storage ??= open(options);
    return storage;
  };
}

function open({ name = process.env.SHMKIT_NEXT_NAME ?? 'next', size = process.env.SHMKIT_NEXT_SIZE ?? '64mb', dir = process.env.SHMKIT_NEXT_DIR }: NextOptions): NextStorage {
  // A server with another size, in the middle of a deployment, uses what is there.
  const place = { onMismatch: 'open' as const, ...(dir === undefined ? {} : { dir }) };
  const entries = SharedDict.openOrCreate<any>(name, { size: size as Size, onFull: 'evict', ...place });
  const tagDict = SharedDict.openOrCreate<any>(`${name}-tags`, { size: '4mb', ...place });
  const tags = new Tags(tagDict, () => {
    entries.clear();
    tagDict.clear();
  });
  return { entries, tags };
}
