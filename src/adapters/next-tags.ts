// When tags of Next.js were revalidated, for every process.
import type { Dict } from './entries.js';
import { boundedKey } from './entries.js';
import { machineNow } from './next-clock.js';

/** Times in ms, by the machine's clock. */
interface TagState {
  stale?: number;
  expired?: number;
}
export type Freshness = 'fresh' | 'stale' | 'expired';
type Times = Array<TagState | undefined>;

/**
 * Revalidation times of tags. They must not be evicted, or what they outdate would be served again: where the dictionary
 * of the tags is full, `forget` removes everything that has tags, and the times start anew.
 */
export class Tags {
  readonly #dict: Dict;
  readonly #forget: () => void;

  constructor(dict: Dict, forget: () => void) {
    this.#dict = dict;
    this.#forget = forget;
  }

  /** Revalidates tags: from now on they are expired, or, with `durations`, stale, and expired after `expire` seconds. */
  update(tags: string[], durations?: { expire?: number | undefined }): void {
    const now = machineNow();
    for (const tag of tags) this.#write(keyOf(tag), durations ? staleFrom(now, durations.expire) : { expired: now });
  }

  /** Returns what an entry of that time is worth. */
  freshness(tags: readonly string[], timestamp: number): Freshness {
    if (tags.length === 0) return 'fresh';
    const times = this.#timesOf(tags);
    const now = machineNow();
    if (times.some((time) => time?.expired !== undefined && time.expired <= now && time.expired >= timestamp)) return 'expired';
    return times.some((time) => time?.stale !== undefined && time.stale >= timestamp) ? 'stale' : 'fresh';
  }

  /** Returns when the last of the tags expired, or undefined if none did. */
  expiration(tags: readonly string[]): number | undefined {
    const times = this.#timesOf(tags).flatMap((time) => time?.expired ?? []);
    return times.length === 0 ? undefined : Math.max(...times);
  }

  #timesOf(tags: readonly string[]): Times {
    return tags.map((tag) => this.#dict.get(keyOf(tag)));
  }

  #write(key: string, state: TagState): void {
    const merge = (known: TagState | undefined): TagState => ({ ...known, ...state });
    try {
      this.#dict.update(key, merge);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_SHM_FULL') throw error;
      this.#forget();
      this.#dict.update(key, merge);
    }
  }
}

function keyOf(tag: string): string {
  return boundedKey('tag:', tag);
}

function staleFrom(now: number, expire: number | undefined): TagState {
  return expire === undefined ? { stale: now } : { stale: now, expired: now + expire * 1000 };
}
