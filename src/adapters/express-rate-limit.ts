// A store for express-rate-limit, express-slow-down and hono-rate-limiter.
import { atLeastShortest, boundedKey, clearPrefix, counterIn, type CountOptions, countOptions, type Dict } from './entries.js';
import { RecentKeys } from './recent-keys.js';

interface ClientInfo {
  totalHits: number;
  resetTime: Date | undefined;
}

/** What is the same for all hits of a client in a window. */
interface Client {
  readonly id: string;
  /** In ms since 1970, and with the fraction of a ms that a `Date` lacks. */
  end: number;
  resetTime: Date;
}

/** In ms. Two readings of the clock tell ends of the same window that differ by less. */
const CLOCK_ERROR = 2;

/** Counts hits in a dictionary. Two limiters need two stores with different prefixes, which may share the dictionary. */
export class ShmRateLimitStore {
  /** Other processes see the same keys. */
  readonly localKeys = false;
  readonly prefix: string;
  readonly #dict: Dict;
  readonly #clients: RecentKeys<Client>;
  #options: CountOptions = countOptions(60_000);

  constructor(dict: Dict, { prefix = 'rate-limit:' }: { prefix?: string | undefined } = {}) {
    this.#dict = dict;
    this.prefix = prefix;
    this.#clients = new RecentKeys((key) => ({ id: boundedKey(prefix, key), end: 0, resetTime: new Date(0) }));
  }

  init({ windowMs }: { windowMs: number }): void {
    this.#options = countOptions(atLeastShortest(windowMs));
  }

  get(key: string): ClientInfo | undefined {
    const client = this.#clients.get(key);
    const entry = counterIn(this.#dict.getEntry(client.id));
    return entry && { totalHits: entry.value, resetTime: resetTimeOf(client, entry.ttl) };
  }

  increment(key: string): ClientInfo {
    const client = this.#clients.get(key);
    const { value, ttl } = this.#dict.incr(client.id, 1, this.#options);
    // An object of its own for each hit: a later hit of the same client must not change what this one is told.
    return { totalHits: value, resetTime: resetTimeOf(client, ttl) };
  }

  /** Neither creates a counter, nor moves the end of its window, nor goes below 0: no client gets hits in advance. */
  decrement(key: string): void {
    const { id } = this.#clients.get(key);
    // A missing counter stays missing, and the value of another program is an error.
    if (this.#dict.type(id) === 'number') this.#dict.update(id, lowered, KEEP_TTL);
    else this.#dict.incr(id, -1);
  }

  resetKey(key: string): void {
    this.#dict.delete(this.#clients.get(key).id);
  }

  resetAll(): void {
    clearPrefix(this.#dict, this.prefix);
  }
}

const KEEP_TTL = { keepTtl: true } as const;

function lowered(hits: unknown): unknown {
  return typeof hits === 'number' && hits > 0 ? Math.max(0, hits - 1) : hits;
}

// A window ends at one time, so one `Date` does for all of its hits.
function resetTimeOf(client: Client, ttl: number): Date {
  const end = Date.now() + ttl * 1000;
  if (Math.abs(end - client.end) > CLOCK_ERROR) {
    client.end = end;
    client.resetTime = new Date(end);
  }
  return client.resetTime;
}
