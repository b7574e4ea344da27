// The public class of locks by name: the Web Locks API between processes.
import { checkInteger } from '../arguments/check.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { type ObjectName, ShmError } from '../addon/errors.js';
import { clearImmediate, DOMException, setImmediate } from '../addon/intrinsics.js';
import { FOREVER } from '../object/keep-alive.js';
import { ObjectHandle } from '../object/handle.js';
import { type KindStatics, kindStatics } from '../object/kind.js';
import { NamedObject, showOpened } from '../object/named-object.js';
import { wallTime } from '../object/wall-time.js';
import { NAMING_NAMES, namingOptions } from '../object/options.js';
import { WaitableObject } from '../object/waitable-object.js';
import { closedDuringWait, notifyLocal, unwatch, wait, watch } from '../object/wait-queue.js';
import { locks, type HeldLock, type NativeLocksOptions } from './native.js';
import { type LockRequest, lockRequest } from './request.js';
import type { ListedLocks, LockInfo, LocksOptions, LockSnapshot } from './types.js';

/** Values per lock in the result of the addon's `query`. */
const VALUES_PER_LOCK = 5;

const LOCKS_NAMES: OptionNames<LocksOptions> = { ...NAMING_NAMES, capacity: true };

type Statics = KindStatics<SharedLocks, [options?: unknown], ListedLocks>;

const statics: Statics = kindStatics({
  native: locks,
  options: locksOptions,
  make: (name, opened) => new SharedLocks(new ObjectHandle(name, opened, locks.close)),
  listed: ({ entries, ...rest }) => ({ ...rest, requests: entries }),
});

export class SharedLocks extends WaitableObject {
  static readonly create: Statics['create'] = statics.create;
  static readonly open: Statics['open'] = statics.open;
  static readonly openOrCreate: Statics['openOrCreate'] = statics.openOrCreate;
  static readonly unlink: Statics['unlink'] = statics.unlink;
  static readonly prune: Statics['prune'] = statics.prune;
  static readonly list: Statics['list'] = statics.list;

  async request(name: string, argument?: unknown, last?: unknown): Promise<unknown> {
    const request = lockRequest(name, argument, last);
    const { mode, ifAvailable, steal, callback } = request;
    const start = () => locks.request(NamedObject.idOf(this), name, mode === 'shared', ifAvailable, steal);
    const held = (await wait(this, { ...request, timeout: FOREVER }, { start })) as HeldLock | undefined;
    if (this.closed) throw closedDuringWait(NamedObject.nameOf(this));
    if (held === undefined) return callback(null);
    return this.#hold(held, request);
  }

  query(): LockSnapshot {
    const snapshot: LockSnapshot = { held: [], pending: [] };
    const values = locks.query(NamedObject.idOf(this));
    for (let at = 0; at < values.length; at += VALUES_PER_LOCK) {
      const [name, shared, held, pid, age] = values.slice(at, at + VALUES_PER_LOCK) as [string, boolean, boolean, number, number];
      const info: LockInfo = { name, mode: shared ? 'shared' : 'exclusive', pid, clientId: String(pid), since: wallTime(age) };
      (held ? snapshot.held : snapshot.pending).push(info);
    }
    return snapshot;
  }

  /** Runs the callback. Rejects as soon as the lock is stolen. */
  async #hold({ id, token, ownerDied }: HeldLock, { name, mode, callback }: LockRequest): Promise<unknown> {
    let ticket = 0;
    let reject: ((error: Error) => void) | undefined;
    const stolen = new Promise<never>((_, rejectStolen) => {
      reject = rejectStolen;
    });
    // The race below may be over before the lock is stolen.
    stolen.catch(() => {});
    // Most locks are released within one turn of the event loop. The immediate keeps its reference: otherwise an event
    // loop that only waits for a timer would not run it before that.
    const later = setImmediate(() => {
      if (this.closed) reject?.(closedError(NamedObject.nameOf(this), name));
      else ticket = watch(this, locks.watch(NamedObject.idOf(this), id), (error) => reject?.(error ?? stolenError(name)));
    });
    try {
      return await Promise.race([new Promise((resolve) => resolve(callback({ name, mode, token, ownerDied }))), stolen]);
    } finally {
      clearImmediate(later);
      if (ticket !== 0) unwatch(ticket);
      this.#release(id, name);
    }
  }

  #release(id: number, name: string): void {
    if (this.closed) throw closedError(NamedObject.nameOf(this), name);
    const released = locks.release(NamedObject.idOf(this), id);
    notifyLocal(this);
    if (!released) throw stolenError(name);
  }
}

Object.defineProperty(SharedLocks.prototype, Symbol.toStringTag, { value: 'SharedLocks', configurable: true });
showOpened(SharedLocks.prototype, (object) => {
  const { held, pending } = object.query();
  return { held: held.length, pending: pending.length };
});

function closedError(object: ObjectName, name: string): ShmError {
  return new ShmError('ERR_SHM_CLOSED', `the handle was closed while it held the lock ${JSON.stringify(name)}`, { object });
}

function stolenError(name: string): Error {
  return new DOMException(`the lock ${JSON.stringify(name)} was stolen`, 'AbortError');
}

function locksOptions(argument: unknown): NativeLocksOptions {
  const options = checkOptions('options', argument, LOCKS_NAMES);
  const { capacity } = options;
  return {
    ...namingOptions(options),
    capacity: capacity === undefined ? undefined : checkInteger('options.capacity', capacity, 1, 2 ** 20),
  };
}
