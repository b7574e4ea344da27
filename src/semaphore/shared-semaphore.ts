// The public class of counting semaphores.
import { checkBoolean, checkInteger, checkObject } from '../arguments/check.js';
import { NOT_YET } from '../object/spin.js';
import { create, list, NamedObject, namingOptions, open, openOrCreate, prune, unlink } from '../object/named-object.js';
import { native } from '../addon/native.js';
import { WaitableObject } from '../object/waitable-object.js';
import { notifyLocal, timeoutOf, wait, waitOptions } from '../object/wait-queue.js';
import type { AcquireOptions, ListedSemaphore, SemaphoreOptions } from './types.js';
import type { NativeSemaphoreOptions } from './native.js';

/** Most permits. */
const MOST = 2 ** 31 - 1;

const { sem } = native;

export class SharedSemaphore extends WaitableObject {
  static create(name: string, initial: number, options?: unknown): SharedSemaphore {
    return new SharedSemaphore(create(sem, name, semaphoreOptions(initial, options)));
  }

  static open(name: string, options?: unknown): SharedSemaphore {
    return new SharedSemaphore(open(sem, name, options));
  }

  static openOrCreate(name: string, initial: number, options?: unknown): SharedSemaphore {
    return new SharedSemaphore(openOrCreate(sem, name, semaphoreOptions(initial, options)));
  }

  static unlink(name: string, options?: unknown): boolean {
    return unlink(sem, name, options);
  }

  static prune(options?: unknown): string[] {
    return prune(sem, options);
  }

  static list(options?: unknown): ListedSemaphore[] {
    return list(sem, options).map(({ entries, ...rest }) => ({ ...rest, value: entries }));
  }

  get value(): number {
    return sem.value(NamedObject.idOf(this));
  }

  get reclaimed(): number {
    return sem.reclaimed(NamedObject.idOf(this));
  }

  tryAcquire(n: number = 1): boolean {
    return sem.tryAcquire(NamedObject.idOf(this), checkInteger('n', n, 1, MOST));
  }

  async acquire(argument?: unknown): Promise<boolean> {
    const options = waitOptions<AcquireOptions>(argument);
    const { n = 1, timeout } = options;
    checkInteger('options.n', n, 1, MOST);
    const start = () => sem.acquire(NamedObject.idOf(this), n, timeout);
    const attempt = () => sem.tryAcquire(NamedObject.idOf(this), n) || NOT_YET;
    return (await wait(this, options, { start, attempt })) === true;
  }

  acquireSync(timeout?: number): boolean {
    return sem.acquireSync(NamedObject.idOf(this), 1, timeoutOf('timeout', timeout));
  }

  release(n: number = 1): number {
    const value = sem.release(NamedObject.idOf(this), checkInteger('n', n, 1, MOST));
    notifyLocal(this);
    return value;
  }
}

Object.defineProperty(SharedSemaphore.prototype, Symbol.toStringTag, { value: 'SharedSemaphore', configurable: true });

function semaphoreOptions(initial: unknown, argument: unknown): NativeSemaphoreOptions {
  const options = checkObject<SemaphoreOptions>('options', argument);
  return {
    ...namingOptions(options),
    initial: checkInteger('initial', initial, 0, MOST),
    holders: checkBoolean('options.holders', options.holders),
  };
}
