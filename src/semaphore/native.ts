// The addon's functions of semaphores. They are documented in crates/node/src/objects/semaphore.rs.
import { type HandleId, nativePart } from '../addon/native.js';
import type { NativeKind, NativeOptions } from '../object/native-kind.js';

export interface NativeSemaphoreOptions extends NativeOptions {
  initial: number;
  holders: boolean | undefined;
}

export interface NativeSemaphore extends NativeKind<NativeSemaphoreOptions> {
  value(handle: HandleId): number;
  reclaimed(handle: HandleId): number;
  /** Pid and permits in turn. */
  holders(handle: HandleId): number[];
  tryAcquire(handle: HandleId, n: number): boolean;
  /** Returns a ticket, if that is a number. */
  acquire(handle: HandleId, n: number, timeout: number): boolean | number;
  acquireSync(handle: HandleId, n: number, timeout: number): boolean;
  release(handle: HandleId, n: number): number;
}

export const semaphore: NativeSemaphore = nativePart('semaphore');
