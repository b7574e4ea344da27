// The addon's part of locks by name. The comments are in crates/node/src/objects/locks.rs.
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
  /** A number is a ticket. */
  request(handle: HandleId, name: string, shared: boolean, ifAvailable: boolean, steal: boolean): HeldLock | number | undefined;
  watch(handle: HandleId, id: number): number;
  release(handle: HandleId, id: number): boolean;
  query(handle: HandleId): unknown[];
}

export const locks: NativeLocks = nativePart('locks');
