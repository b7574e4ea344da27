// The addon's part of mutexes. The comments are in crates/node/src/objects/mutex.rs.
import { type HandleId, nativePart } from '../addon/native.js';
import type { NativeKind } from '../object/native-kind.js';

export interface Held {
  readonly token: bigint;
  readonly ownerDied: boolean;
}

export interface NativeMutex extends NativeKind {
  /** A number is a ticket. */
  lock(handle: HandleId, timeout: number): Held | number | undefined;
  lockSync(handle: HandleId, timeout: number): Held | undefined;
  /** A number is the token, negative if the last owner died. */
  tryLock(handle: HandleId): Held | number | undefined;
  unlock(handle: HandleId, token: bigint | number): boolean;
}

export const mutex: NativeMutex = nativePart('mutex');
