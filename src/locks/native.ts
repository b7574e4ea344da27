// The addon's functions of locks by name. They are documented in crates/node/src/objects/locks.rs.
import { type HandleId, nativePart } from '../addon/native.js';
import type { NativeKind, NativeOptions } from '../object/native-kind.js';

export interface NativeLocksOptions extends NativeOptions {
  capacity: number | undefined;
}

export interface HeldLock {
  readonly id: number;
  readonly token: bigint;
  readonly ownerDied: boolean;
}

export interface NativeLocks extends NativeKind<NativeLocksOptions> {
  /** Returns a ticket, if that is a number. */
  request(handle: HandleId, name: string, shared: boolean, ifAvailable: boolean, steal: boolean): HeldLock | number | undefined;
  watch(handle: HandleId, id: number): number;
  release(handle: HandleId, id: number): boolean;
  query(handle: HandleId): unknown[];
}

export const locks: NativeLocks = nativePart('locks');
