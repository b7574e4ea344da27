// The public class of mutexes, and its guards.
import { checkObject } from '../check.js';
import { ShmError } from '../errors.js';
import { create, list, Named, namingOptions, open, openOrCreate, prune, unlink } from '../named.js';
import type { NamingOptions, WaitOptions } from '../named-types.js';
import { native } from '../native.js';
import { FOREVER, timeoutOf, wait, waitOptions } from '../waits.js';
import type { Held } from './native.js';
import type { ListedMutex } from './types.js';

const { mutex } = native;

export class SharedMutex extends Named {
  #guard: MutexGuard | undefined;

  static create(name: string, options?: unknown): SharedMutex {
    return new SharedMutex(create(mutex, name, mutexOptions(options)));
  }

  static open(name: string, options?: unknown): SharedMutex {
    return new SharedMutex(open(mutex, name, options));
  }

  static openOrCreate(name: string, options?: unknown): SharedMutex {
    return new SharedMutex(openOrCreate(mutex, name, mutexOptions(options)));
  }

  static unlink(name: string, options?: unknown): boolean {
    return unlink(mutex, name, options);
  }

  static prune(options?: unknown): string[] {
    return prune(mutex, options);
  }

  static list(options?: unknown): ListedMutex[] {
    return list(mutex, options).map(({ entries, ...rest }) => ({ ...rest, locked: entries > 0 }));
  }

  async lock(argument?: unknown): Promise<MutexGuard | null> {
    const { timeout, ...rest } = waitOptions<WaitOptions>(argument);
    const held = await wait(this, rest, () => mutex.lock(Named.idOf(this), timeout));
    return this.#guarded(held as Held | undefined);
  }

  tryLock(): MutexGuard | null {
    return this.#guarded(mutex.lockSync(Named.idOf(this), 0));
  }

  lockSync(timeout?: number): MutexGuard | null {
    const seconds = timeoutOf('timeout', timeout);
    if (seconds === FOREVER && !this.closed && this.#guard?.released === false) {
      throw new ShmError('ERR_SHM_LOCK_TIMEOUT', 'this handle holds the mutex itself: waiting for it here would never end');
    }
    return this.#guarded(mutex.lockSync(Named.idOf(this), seconds));
  }

  #guarded(held: Held | undefined): MutexGuard | null {
    if (held === undefined) return null;
    this.#guard = new MutexGuard(held, () => !this.closed && mutex.unlock(Named.idOf(this), held.token));
    return this.#guard;
  }
}

Object.defineProperty(SharedMutex.prototype, Symbol.toStringTag, { value: 'SharedMutex', configurable: true });

/** A held mutex. */
export class MutexGuard {
  readonly token: bigint;
  readonly ownerDied: boolean;
  #release: (() => boolean) | undefined;

  constructor({ token, ownerDied }: Held, release: () => boolean) {
    this.token = token;
    this.ownerDied = ownerDied;
    this.#release = release;
  }

  get released(): boolean {
    return this.#release === undefined;
  }

  release(): void {
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }

  declare [Symbol.dispose]: MutexGuard['release'];
}

Object.defineProperty(MutexGuard.prototype, Symbol.dispose, { value: MutexGuard.prototype.release, writable: true, configurable: true });

function mutexOptions(argument: unknown): ReturnType<typeof namingOptions> {
  return namingOptions(checkObject<NamingOptions>('options', argument));
}
