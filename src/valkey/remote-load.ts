// `getOrSet` across machines: one loader at a time, under a lease that ends by itself.
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { ShmError } from 'shmkit';
import { abortError, checkFunction, checkOptions, checkSeconds, checkSignal } from './arguments.js';
import { ACQUIRE, FILL, READ, RENEW } from './script.js';
import { arrayOf, type Server } from './server.js';
import { expiryOf, NEVER } from './write-options.js';

interface LoadOptions {
  ttl?: number | undefined;
  expiresAt?: Date | number | undefined;
  staleFor?: number | undefined;
  timeout?: number | undefined;
  signal?: AbortSignal | undefined;
  onError?: ((error: unknown, key: string) => unknown) | undefined;
}
interface Load {
  readonly key: string;
  readonly loader: (key: string) => unknown;
  /** Returns the expiry at the time of the call. */
  readonly ttlNow: () => number;
  /** Milliseconds. */
  readonly staleFor: number;
  readonly onError: (error: unknown, key: string) => unknown;
}

const LEASE_MS = 10_000;
const RENEW_MS = 3000;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;

/** The loads of one dictionary in this process. */
export class Loads {
  readonly #server: Server;
  readonly #shared = new Map<string, Promise<unknown>>();
  /** The keys that the running loader, and those that wait for it, are loading. */
  readonly #chain = new AsyncLocalStorage<ReadonlySet<string>>();

  constructor(server: Server) {
    this.#server = server;
  }

  async getOrSet(key: string, loader: (key: string) => unknown, argument: unknown): Promise<unknown> {
    checkFunction('loader', loader);
    const given = typeof argument === 'number' ? { ttl: argument } : argument;
    const options = checkOptions<LoadOptions>('options', given, ['ttl', 'expiresAt', 'staleFor', 'timeout', 'signal', 'onError']);
    const signal = checkSignal('options.signal', options.signal);
    const timeout = options.timeout === undefined ? undefined : checkSeconds('options.timeout', options.timeout);
    if (options.onError !== undefined) checkFunction('options.onError', options.onError);
    const staleFor = options.staleFor === undefined ? 0 : checkSeconds('options.staleFor', options.staleFor) * 1000;
    const ttl = expiryOf(options) ?? NEVER;
    // Of a point in time, less is left when the value has been loaded.
    const ttlNow = (): number => (options.expiresAt === undefined ? ttl : (expiryOf(options) ?? NEVER));
    const load: Load = { key, loader, ttlNow, staleFor, onError: options.onError ?? (() => {}) };
    this.#server.names.of(key);
    if (signal?.aborted) throw abortError(signal);
    return waiting(this.#find(load), timeout, signal);
  }

  async #find(load: Load): Promise<unknown> {
    const reply = await this.#server.script(READ, load.key, [this.#server.most, load.staleFor > 0 ? '1' : '0']);
    if (reply === null) return this.#join(load);
    const [bytes, , stale] = arrayOf(reply);
    if (stale === 1) this.#join(load).catch((error: unknown) => load.onError(error, load.key));
    return this.#server.valueOf(load.key, bytes);
  }

  /** Calls for one key in this process share one load. */
  #join(load: Load): Promise<unknown> {
    if (this.#chain.getStore()?.has(load.key)) return Promise.reject(Object.assign(new ShmError('ERR_SHM_DEADLOCK', 'The loader waits for its own key'), { key: load.key }));
    const shared = this.#shared.get(load.key);
    if (shared !== undefined) return shared.then(copyOf);
    const started = this.#contend(load).finally(() => this.#shared.delete(load.key));
    this.#shared.set(load.key, started);
    return started;
  }

  async #contend(load: Load): Promise<unknown> {
    const token = randomBytes(16).toString('hex');
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
      const [what, ...rest] = arrayOf(await this.#server.leaseScript(ACQUIRE, load.key, [token, String(LEASE_MS), this.#server.most]));
      if (String(what) === 'value') return this.#server.valueOf(load.key, rest[0]);
      if (String(what) === 'lease') return this.#load(load, token);
      await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
    }
  }

  async #load(load: Load, token: string): Promise<unknown> {
    const { key } = load;
    const renewal = setInterval(() => void this.#server.onLease(RENEW, key, [token, String(LEASE_MS)]).catch(() => {}), RENEW_MS).unref();
    const chain = new Set(this.#chain.getStore()).add(key);
    try {
      const value = await this.#chain.run(chain, async () => load.loader(key));
      if (value === undefined) await this.#release(key, token);
      else await this.#fill(load, token, value);
      return value;
    } catch (error) {
      await this.#release(key, token).catch(() => {});
      throw error;
    } finally {
      clearInterval(renewal);
    }
  }

  /** Stores a loaded value, unless the key was written or removed meanwhile or the lease has ended. */
  async #fill({ key, ttlNow, staleFor, onError }: Load, token: string, value: unknown): Promise<void> {
    try {
      const bytes = this.#server.store(key, value);
      await this.#server.leaseScript(FILL, key, [token, bytes, String(ttlNow()), String(Math.round(staleFor))]);
    } catch (error) {
      // The callers get the value all the same.
      await this.#release(key, token).catch(() => {});
      onError(error, key);
    }
  }

  #release(key: string, token: string): Promise<unknown> {
    return this.#server.onLease(RENEW, key, [token, '0']);
  }
}

/** Returns a value of its own for each caller that shared a load; what cannot be copied is shared. */
function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  try {
    return Buffer.isBuffer(value) ? Buffer.from(value) : structuredClone(value);
  } catch {
    return value;
  }
}

function waiting(work: Promise<unknown>, timeout: number | undefined, signal: AbortSignal | undefined): Promise<unknown> {
  if (timeout === undefined && signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(abortError(signal as AbortSignal));
    const expired = (): void => reject(new ShmError('ERR_SHM_TIMEOUT', `getOrSet: no value after ${timeout} seconds`));
    const timer = timeout === undefined ? undefined : setTimeout(expired, timeout * 1000);
    signal?.addEventListener('abort', aborted, { once: true });
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
    };
    work.then(resolve, reject).finally(end);
  });
}
