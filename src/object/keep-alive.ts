// What keeps the process from ending by itself while somebody waits.
//
// A wait does not, unless it was asked to: by its option `ref`, by `ref()` of what it waits for, or by its timeout, which
// holds as Node's own timers do.
import { native } from '../addon/native.js';

/** No timeout, as the addon knows it. */
export const FOREVER = -1;

/** Objects whose waits hold. */
const asked = new WeakSet<object>();
/** Pending waits of each object that go by what it is asked. */
const followers = new WeakMap<object, Set<KeepAlive>>();
let active = 0;

/** Of one wait, from its start to its end. */
export class KeepAlive {
  #isOn = false;
  readonly #peers: Set<KeepAlive> | undefined;

  constructor(owner: object, { ref, timeout }: { ref?: boolean | undefined; timeout: number }) {
    const told = ref ?? (timeout === FOREVER ? undefined : true);
    if (told === undefined) this.#peers = followersOf(owner).add(this);
    this.set(told ?? asked.has(owner));
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

/** Lets the waits for an object hold or not, those that are pending as well, unless they were told themselves. */
export function setKeepAlive(owner: object, isOn: boolean): void {
  if (isOn) asked.add(owner);
  else asked.delete(owner);
  for (const keepAlive of followers.get(owner) ?? []) keepAlive.set(isOn);
}

/** Once the first wait has begun: who held before had nothing to hold. */
export function reapplyKeepAlive(): void {
  if (active > 0) native.keepAliveForWaits(true);
}
