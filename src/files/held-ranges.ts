// The ranges that this thread has locked: a thread that blocks to get one of them would wait for itself.
import type { LockRequest } from './lock-waiters.js';

/** By the identity of the file. */
const held = new Map<string, Set<LockRequest>>();

export function noteHeld(file: string, request: LockRequest): void {
  const requests = held.get(file) ?? new Set();
  held.set(file, requests.add(request));
}

export function noteReleased(file: string, request: LockRequest): void {
  const requests = held.get(file);
  if (requests?.delete(request) && requests.size === 0) held.delete(file);
}

/** Returns whether a lock of this thread keeps the range from being locked. */
export function isHeldHere(file: string, request: LockRequest): boolean {
  return [...(held.get(file) ?? [])].some((other) => (other.exclusive || request.exclusive) && haveCommonByte(other, request));
}

/** Returns whether two ranges have a byte in common. */
export function haveCommonByte(one: LockRequest, other: LockRequest): boolean {
  return endOf(one) > other.offset && endOf(other) > one.offset;
}

function endOf({ offset, length }: LockRequest): number {
  return length === 0 ? Infinity : offset + length;
}
