// A limiter of rate-limiter-flexible.
import { boundedKey, type CountOptions, counterIn, countOptions, type Dict } from './entries.js';
import { requirePeer } from './peer.js';

/** A count and its seconds left, as of one instant. */
interface Counted {
  value: number;
  ttl: number;
}

interface Result {
  consumedPoints: number;
  remainingPoints: number;
  msBeforeNext: number;
  isFirstInDuration: boolean;
}

interface Base {
  points: number;
}

// The index of the package does not export the base class of its stores.
const [StoreAbstract, LimiterResult] = requirePeer('rate-limiter-flexible', 'rate-limiter-flexible', (): [new (options: object) => Base, new (remainingPoints: number, msBeforeNext: number, consumedPoints: number, isFirst: boolean) => Result] => [
  require('rate-limiter-flexible/lib/RateLimiterStoreAbstract.js'),
  require('rate-limiter-flexible').RateLimiterRes,
]);

/** Counts points in the dictionary that `storeClient` names. The methods with an underscore are called by the base class. */
export class RateLimiterShm extends StoreAbstract {
  readonly client: Dict;
  /** Those of the last duration: a limiter has one as a rule. */
  #countOptions: CountOptions = countOptions(0);
  #duration = 0;

  constructor(options: { storeClient: Dict }) {
    super(options);
    this.client = options.storeClient;
  }

  // Not `async`: that takes a tenth of a consume.
  _upsert(key: string, points: number, msDuration: number, forceExpire = false): Promise<Counted> {
    try {
      return Promise.resolve(this.#upsert(boundedKey('', key), points, msDuration, forceExpire));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #upsert(id: string, points: number, msDuration: number, forceExpire: boolean): Counted {
    if (!forceExpire) {
      if (msDuration !== this.#duration) {
        this.#duration = msDuration;
        this.#countOptions = countOptions(msDuration);
      }
      return this.client.incr(id, points, this.#countOptions);
    }
    const ttl = msDuration > 0 ? msDuration / 1000 : 0;
    this.client.set(id, points, ttl);
    return { value: points, ttl };
  }

  async _get(key: string): Promise<Counted | null> {
    return counterIn(this.client.getEntry(boundedKey('', key))) ?? null;
  }

  async _delete(key: string): Promise<boolean> {
    return this.client.delete(boundedKey('', key));
  }

  _getRateLimiterRes(_key: string, changedPoints: number, { value, ttl }: Counted): Result {
    return new LimiterResult(Math.max(this.points - value, 0), ttl === 0 ? -1 : Math.ceil(ttl * 1000), value, value === changedPoints);
  }
}
