// Whether waits keep the process alive.
//
// By default a wait does not. Its option `ref` decides, otherwise a timeout, which keeps the process alive as Node's own
// timers do, otherwise `ref()` and `unref()` of the object.
import { native } from '../addon/native.js';

/** The addon's value for no timeout. */
export const FOREVER = -1;

/** Objects after `ref()`. */
const referenced = new WeakSet<object>();
/** Pending waits of each object for which `ref()` and `unref()` decide. */
const followers = new WeakMap<object, Set<KeepAlive>>();
let active = 0;

/** Keeps the process alive during one wait, or not. */
export class KeepAlive {
  #isOn = false;
  readonly #peers: Set<KeepAlive> | undefined;

  constructor(owner: object, { ref, timeout }: { ref?: boolean | undefined; timeout: number }) {
    const decided = ref ?? (timeout === FOREVER ? undefined : true);
    if (decided === undefined) this.#peers = followersOf(owner).add(this);
    this.set(decided ?? referenced.has(owner));
  }

  set(isOn: boolean): void {
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    active += isOn ? 1 : -1;
    if (active === Number(isOn)) native.keepAliveForWaits(isOn);
  }

  end(): void {
    this.#peers?.delete(this);
    this.set(false);
  }
}

function followersOf(owner: object): Set<KeepAlive> {
  const found = followers.get(owner) ?? new Set();
  followers.set(owner, found);
  return found;
}

/** Makes waits on an object keep the process alive or not, pending ones included, unless they decided for themselves. */
export function setKeepAlive(owner: object, isOn: boolean): void {
  if (isOn) referenced.add(owner);
  else referenced.delete(owner);
  for (const keepAlive of followers.get(owner) ?? []) keepAlive.set(isOn);
}

/** Applies the present state again when the first wait starts: before that the addon had nothing to keep alive. */
export function reapplyKeepAlive(): void {
  if (active > 0) native.keepAliveForWaits(true);
}
