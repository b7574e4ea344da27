// A store for @fastify/rate-limit.
import { boundedKey, type Dict } from './entries.js';

interface Answer {
  current: number;
  ttl: number;
}
type Done = (error: unknown, answer: Answer | null) => void;

interface LimitOptions {
  continueExceeding?: boolean | undefined;
  exponentialBackoff?: boolean | undefined;
  routeInfo?: { method?: string | string[] | undefined; url?: string | undefined } | undefined;
}

export interface FastifyStore {
  incr(key: string, done: Done, timeWindow: number, max: number): void;
  read(key: string, done: Done): void;
  child(options: LimitOptions): FastifyStore;
}

/** Returns the class to pass as `store`, whose objects count in `dict`. */
export function fastifyRateLimitStore(dict: Dict, { prefix = 'rate-limit' }: { prefix?: string | undefined } = {}): new (options?: LimitOptions) => FastifyStore {
  return class ShmStore implements FastifyStore {
    readonly #options: LimitOptions;
    /** Ends in a colon, before which are `prefix` and the routes as JSON: no key of one namespace is a key of another. */
    readonly #prefix: string;

    constructor(options: LimitOptions = {}, route: string = prefix) {
      this.#options = options;
      this.#prefix = `${route}:`;
    }

    incr(key: string, done: Done, timeWindow: number, max: number): void {
      answer(done, () => count(dict, boundedKey(this.#prefix, key), timeWindow, max, this.#options));
    }

    /** Answers with the present count, and changes nothing. */
    read(key: string, done: Done): void {
      answer(done, () => {
        const entry = dict.getEntry(boundedKey(this.#prefix, key));
        return entry ? answerOf(entry) : { current: 0, ttl: 0 };
      });
    }

    /** Returns the store of a route with limits of its own, which counts apart. */
    child(options: LimitOptions): ShmStore {
      const { method = '', url = '' } = options.routeInfo ?? {};
      return new ShmStore({ ...this.#options, ...options }, this.#prefix.slice(0, -1) + JSON.stringify([method, url]));
    }
  };
}

// Both options begin the window anew at a hit past the limit; the window grows with the hits if `exponentialBackoff` says so.
function count(dict: Dict, key: string, timeWindow: number, max: number, { continueExceeding, exponentialBackoff }: LimitOptions): Answer {
  const hit = answerOf(dict.incr(key, 1, { init: 0, initTtl: timeWindow / 1000, detail: true }));
  if (hit.current <= max || !(continueExceeding || exponentialBackoff)) return hit;
  const window = exponentialBackoff ? Math.min(timeWindow * 2 ** (hit.current - max - 1), LONGEST_WINDOW) : timeWindow;
  dict.expire(key, window / 1000);
  return { current: hit.current, ttl: window };
}

/** A year, in ms: doubling must end somewhere. */
const LONGEST_WINDOW = 365 * 86_400_000;

function answerOf({ value, ttl }: { value: number; ttl: number }): Answer {
  return { current: value, ttl: Math.ceil(ttl * 1000) };
}

function answer(done: Done, work: () => Answer): void {
  let result: Answer;
  try {
    result = work();
  } catch (error) {
    done(error, null);
    return;
  }
  done(null, result);
}
