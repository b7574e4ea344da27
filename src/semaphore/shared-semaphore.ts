// The public class of counting semaphores.
import { checkBoolean, checkInteger } from '../arguments/check.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { NOT_YET } from '../object/spin.js';
import { ObjectHandle } from '../object/handle.js';
import { type KindStatics, kindStatics } from '../object/kind.js';
import { NamedObject, showOpened } from '../object/named-object.js';
import { NAMING_NAMES, namingOptions } from '../object/options.js';
import { WaitableObject } from '../object/waitable-object.js';
import { notifyLocal, blockingOptions, wait, WAIT_NAMES, waitOptions } from '../object/wait-queue.js';
import type { AcquireOptions, ListedSemaphore, SemaphoreHolder, SemaphoreOptions } from './types.js';
import { semaphore, type NativeSemaphoreOptions } from './native.js';

/** The largest number of permits. */
const MOST = 2 ** 31 - 1;

const SEMAPHORE_NAMES: OptionNames<SemaphoreOptions> = { ...NAMING_NAMES, holders: true };
const ACQUIRE_NAMES: OptionNames<AcquireOptions> = { ...WAIT_NAMES, n: true };

type Statics = KindStatics<SharedSemaphore, [initial: number, options?: unknown], ListedSemaphore>;

const statics: Statics = kindStatics({
  native: semaphore,
  options: semaphoreOptions,
  make: (name, opened) => new SharedSemaphore(new ObjectHandle(name, opened, semaphore.close)),
  listed: ({ entries, ...rest }) => ({ ...rest, value: entries }),
});

export class SharedSemaphore extends WaitableObject {
  static readonly create: Statics['create'] = statics.create;
  static readonly open: Statics['open'] = statics.open;
  static readonly openOrCreate: Statics['openOrCreate'] = statics.openOrCreate;
  static readonly unlink: Statics['unlink'] = statics.unlink;
  static readonly prune: Statics['prune'] = statics.prune;
  static readonly list: Statics['list'] = statics.list;

  get value(): number {
    return semaphore.value(NamedObject.idOf(this));
  }

  get reclaimed(): number {
    return semaphore.reclaimed(NamedObject.idOf(this));
  }

  holders(): SemaphoreHolder[] {
    const values = semaphore.holders(NamedObject.idOf(this));
    return Array.from({ length: values.length / 2 }, (_, index) => ({ pid: values[2 * index] as number, permits: values[2 * index + 1] as number }));
  }

  tryAcquire(n: number = 1): boolean {
    return semaphore.tryAcquire(NamedObject.idOf(this), checkInteger('n', n, 1, MOST));
  }

  async acquire(argument?: unknown): Promise<boolean> {
    const options = waitOptions(argument, ACQUIRE_NAMES);
    const { n = 1, timeout } = options;
    checkInteger('options.n', n, 1, MOST);
    const start = () => semaphore.acquire(NamedObject.idOf(this), n, timeout);
    const attempt = () => semaphore.tryAcquire(NamedObject.idOf(this), n) || NOT_YET;
    return (await wait(this, options, { start, attempt })) === true;
  }

  acquireSync(argument?: unknown): boolean {
    const { n = 1, timeout } = blockingOptions(argument, ACQUIRE_NAMES);
    return semaphore.acquireSync(NamedObject.idOf(this), checkInteger('options.n', n, 1, MOST), timeout);
  }

  release(n: number = 1): number {
    const value = semaphore.release(NamedObject.idOf(this), checkInteger('n', n, 1, MOST));
    notifyLocal(this);
    return value;
  }
}

Object.defineProperty(SharedSemaphore.prototype, Symbol.toStringTag, { value: 'SharedSemaphore', configurable: true });
showOpened(SharedSemaphore.prototype, ({ value }) => ({ value }));

function semaphoreOptions(initial: unknown, argument: unknown): NativeSemaphoreOptions {
  const options = checkOptions('options', argument, SEMAPHORE_NAMES);
  return {
    ...namingOptions(options),
    initial: checkInteger('initial', initial, 0, MOST),
    holders: checkBoolean('options.holders', options.holders),
  };
}
