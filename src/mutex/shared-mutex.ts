// The public class of mutexes, and its guards.
import { checkOptions } from '../arguments/options.js';
import { NOT_YET } from '../object/spin.js';
import { ObjectHandle } from '../object/handle.js';
import { flags, makeInspectable, showInspected } from '../object/inspect.js';
import { type KindStatics, kindStatics } from '../object/kind.js';
import { NamedObject, showOpened } from '../object/named-object.js';
import { NAMING_NAMES, namingOptions } from '../object/options.js';
import { WaitableObject } from '../object/waitable-object.js';
import { closedDuringWait, notifyLocal, blockingOptions, wait, WAIT_NAMES, waitOptions } from '../object/wait-queue.js';
import { wallTime } from '../object/wall-time.js';
import { mutex, type Held } from './native.js';
import type { ListedMutex, MutexHolder } from './types.js';

let release: (this: MutexGuard) => void;
let unlock: (owner: SharedMutex, token: bigint | number) => void;

type Statics = KindStatics<SharedMutex, [options?: unknown], ListedMutex>;

const statics: Statics = kindStatics({
  native: mutex,
  options: mutexOptions,
  make: (name, opened) => new SharedMutex(new ObjectHandle(name, opened, mutex.close)),
  listed: ({ entries, ...rest }) => ({ ...rest, locked: entries > 0 }),
});

export class SharedMutex extends WaitableObject {
  static {
    unlock = (owner, token) => {
      if (owner.closed) return;
      mutex.unlock(NamedObject.idOf(owner), token);
      notifyLocal(owner);
    };
  }

  static readonly create: Statics['create'] = statics.create;
  static readonly open: Statics['open'] = statics.open;
  static readonly openOrCreate: Statics['openOrCreate'] = statics.openOrCreate;
  static readonly unlink: Statics['unlink'] = statics.unlink;
  static readonly prune: Statics['prune'] = statics.prune;
  static readonly list: Statics['list'] = statics.list;

  async lock(argument?: unknown): Promise<MutexGuard | null> {
    const options = waitOptions(argument, WAIT_NAMES);
    const start = () => mutex.lock(NamedObject.idOf(this), options.timeout);
    const attempt = () => this.tryLock() ?? NOT_YET;
    const got = (await wait(this, options, { start, attempt })) as Held | MutexGuard | undefined;
    if (this.closed) throw closedDuringWait(NamedObject.nameOf(this));
    return got instanceof MutexGuard ? got : this.#guarded(got);
  }

  tryLock(): MutexGuard | null {
    const got = mutex.tryLock(NamedObject.idOf(this));
    return typeof got === 'number' ? new MutexGuard(this, Math.abs(got), got < 0) : this.#guarded(got);
  }

  get holder(): MutexHolder | null {
    const holder = mutex.holder(NamedObject.idOf(this));
    return holder === undefined ? null : { pid: holder.pid, since: wallTime(holder.age) };
  }

  lockSync(argument?: unknown): MutexGuard | null {
    const { timeout: seconds } = blockingOptions(argument, WAIT_NAMES);
    return this.#guarded(mutex.lockSync(NamedObject.idOf(this), seconds));
  }

  #guarded(held: Held | undefined): MutexGuard | null {
    return held === undefined ? null : new MutexGuard(this, held.token, held.ownerDied);
  }
}

Object.defineProperty(SharedMutex.prototype, Symbol.toStringTag, { value: 'SharedMutex', configurable: true });
showOpened(SharedMutex.prototype, ({ holder }) => ({ holder }));

/** A held mutex. */
export class MutexGuard {
  /**
   * The method of the prototype, as a property of each guard: cloning a guard fails, because functions cannot be cloned.
   * It costs less than being `Uncloneable`, and guards are made often.
   */
  readonly release: () => void = release;
  readonly ownerDied: boolean;
  /** An exact number if possible: it costs less than a bigint, and few programs read it. */
  readonly #token: bigint | number;
  /** Undefined after the release. */
  #owner: SharedMutex | undefined;

  constructor(owner: SharedMutex, token: bigint | number, ownerDied: boolean) {
    this.#owner = owner;
    this.#token = token;
    this.ownerDied = ownerDied;
  }

  get token(): bigint {
    return BigInt(this.#token);
  }

  get released(): boolean {
    return this.#owner === undefined;
  }

  static {
    release = function (this: MutexGuard) {
      const owner = this.#owner;
      this.#owner = undefined;
      if (owner) unlock(owner, this.#token);
    };
    showInspected(this.prototype, (guard) => {
      const name = guard.#owner?.name;
      return { ...(name !== undefined && { name }), token: guard.token, ...flags({ ownerDied: guard.ownerDied, released: guard.released }) };
    });
  }

  declare [Symbol.dispose]: MutexGuard['release'];
}

for (const alias of ['release', Symbol.dispose]) {
  Object.defineProperty(MutexGuard.prototype, alias, { value: release, writable: true, configurable: true });
}
makeInspectable(MutexGuard.prototype);

function mutexOptions(argument: unknown): ReturnType<typeof namingOptions> {
  return namingOptions(checkOptions('options', argument, NAMING_NAMES));
}
