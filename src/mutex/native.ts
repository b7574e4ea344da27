// The addon's part of mutexes. The comments are in crates/node/src/objects/mutex.rs.
import type { HandleId, NativeKind, NativeOptions } from '../addon/native.js';

export interface Held {
  readonly token: bigint;
  readonly ownerDied: boolean;
}

export interface NativeMutex extends NativeKind<NativeOptions> {
  /** A number is a ticket. */
  lock(handle: HandleId, timeout: number): Held | number | undefined;
  lockSync(handle: HandleId, timeout: number): Held | undefined;
  /** A number is the token, negative if the last owner died. */
  tryLock(handle: HandleId): Held | number | undefined;
  unlock(handle: HandleId, token: bigint | number): boolean;
}
