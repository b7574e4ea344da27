// A store for @fastify/rate-limit.
import { atLeastShortest, boundedKey, counterIn, type CountOptions, countOptions, type Dict } from './entries.js';
import { RecentKeys } from './recent-keys.js';

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
    /** Those of the last window: a route has one as a rule. */
    #countOptions: CountOptions = countOptions(0);
    #window = NaN;
    /** Ends in a colon, before which are `prefix` and the routes as JSON: no key of one namespace is a key of another. */
    readonly #prefix: string;
    readonly #ids: RecentKeys<string>;

    constructor(options: LimitOptions = {}, route: string = prefix) {
      this.#options = options;
      const start = `${route}:`;
      this.#prefix = start;
      this.#ids = new RecentKeys((key) => boundedKey(start, key));
    }

    incr(key: string, done: Done, timeWindow: number, max: number): void {
      let result: Answer;
      try {
        result = this.#count(this.#ids.get(key), timeWindow, max);
      } catch (error) {
        done(error, null);
        return;
      }
      done(null, result);
    }

    /** Answers with the present count, and changes nothing. */
    read(key: string, done: Done): void {
      let result: Answer;
      try {
        const entry = counterIn(dict.getEntry(this.#ids.get(key)));
        result = entry ? answerOf(entry) : { current: 0, ttl: 0 };
      } catch (error) {
        done(error, null);
        return;
      }
      done(null, result);
    }

    /** Returns the store of a route with limits of its own, which counts apart. */
    child(options: LimitOptions): ShmStore {
      const { method = '', url = '' } = options.routeInfo ?? {};
      return new ShmStore({ ...this.#options, ...options }, this.#prefix.slice(0, -1) + JSON.stringify([method, url]));
    }

    // Both options begin the window anew at a hit past the limit. With `exponentialBackoff` alone it grows with the hits.
    #count(key: string, timeWindow: number, max: number): Answer {
      if (timeWindow !== this.#window) {
        this.#window = timeWindow;
        this.#countOptions = countOptions(atLeastShortest(timeWindow));
      }
      const hit = answerOf(dict.incr(key, 1, this.#countOptions));
      const { continueExceeding, exponentialBackoff } = this.#options;
      if (hit.current <= max || !(continueExceeding || exponentialBackoff)) return hit;
      const window = continueExceeding ? timeWindow : Math.min(timeWindow * 2 ** (hit.current - max - 1), LONGEST_WINDOW);
      dict.expire(key, atLeastShortest(window) / 1000);
      return { current: hit.current, ttl: window };
    }
  };
}

/** A year, in ms: doubling must end somewhere. */
const LONGEST_WINDOW = 365 * 86_400_000;

function answerOf({ value, ttl }: { value: number; ttl: number }): Answer {
  return { current: value, ttl: Math.ceil(ttl * 1000) };
}
