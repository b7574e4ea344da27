// The keys that are read most, as processes with SHMKIT_SAMPLE_READS=1 count them.
import { openToRead, using } from './dict.js';
import { codeOf, no } from './failure.js';
import { Largest } from './largest.js';
import type { Shell } from './shell.js';

/** As src/dict/read-samples.ts writes them. */
const INTERVAL = 256;
const SUFFIX = '.reads';

export interface ReadRow {
  readonly key: string;
  /** About this many, in the last minutes. */
  readonly reads: number;
}

/** Returns the keys that are read most, or undefined if no process samples its reads of this dictionary. */
export async function mostRead(shell: Shell, name: string, limit: number): Promise<ReadRow[] | undefined> {
  const samples = opened(shell, name + SUFFIX);
  return samples && using(samples, (dict) => {
    const largest = new Largest<string>(limit);
    for (const [key, count] of dict.entries()) if (typeof count === 'number') largest.add(key, count);
    return largest.ranked().map(({ item: key, size }) => ({ key, reads: size * INTERVAL }));
  });
}

/** Returns the failure where there are no samples. */
export function unsampled(name: string): Error {
  return no(`no process samples its reads of "${name}": start one with SHMKIT_SAMPLE_READS=1 in its environment`);
}

function opened(shell: Shell, name: string): ReturnType<typeof openToRead> | undefined {
  try {
    return openToRead(shell, name);
  } catch (error) {
    // A name that is too long has no samples either.
    if (codeOf(error) === 'ERR_SHM_NOT_FOUND' || codeOf(error) === 'ERR_SHM_INVALID_NAME') return undefined;
    throw error;
  }
}
