// The addon's functions of mutexes. They are documented in crates/node/src/objects/mutex.rs.
import { type HandleId, nativePart } from '../addon/native.js';
import type { NativeKind } from '../object/native-kind.js';

export interface Held {
  readonly token: bigint;
  readonly ownerDied: boolean;
}

export interface NativeMutex extends NativeKind {
  /** Returns a ticket, if that is a number. */
  lock(handle: HandleId, timeout: number): Held | number | undefined;
  lockSync(handle: HandleId, timeout: number): Held | undefined;
  /** Returns the token, negative if the last owner died, if that is a number. */
  tryLock(handle: HandleId): Held | number | undefined;
  /** Its pid, and the milliseconds since the acquisition. */
  holder(handle: HandleId): { pid: number; age: number } | undefined;
  unlock(handle: HandleId, token: bigint | number): boolean;
}

export const mutex: NativeMutex = nativePart('mutex');
