// The addon's part of rings. The comments are in crates/node/src/objects/ring.rs.
import { type HandleId, nativePart } from '../addon/native.js';
import type { NativeKind, NativeOptions } from '../object/native-kind.js';
import type { RingStats } from './types.js';

/** Somebody else is at work at that end. */
export const BUSY = -1;
/** Less the bytes of the next message: there is no room for it. The first length then has room for all there are. */
export const TOO_LONG = -2;

export interface NativeRingOptions extends NativeOptions {
  size: number | undefined;
}

export interface NativeRing extends NativeKind<NativeRingOptions> {
  send(handle: HandleId, message: Uint8Array, isPatient: boolean): number;
  sendMany(handle: HandleId, messages: readonly Uint8Array[]): number;
  sendSync(handle: HandleId, message: Uint8Array, timeout: number): boolean;
  receive(handle: HandleId, target: Uint8Array, offset: number, lengths: Uint8Array, most: number, isPatient: boolean): number;
  receiveSync(handle: HandleId, target: Uint8Array, offset: number, lengths: Uint8Array, most: number, timeout: number): number;
  /** A number is a ticket. */
  wait(handle: HandleId, isSender: boolean, bytes: number): true | number;
  stats(handle: HandleId): RingStats;
}

export const ring: NativeRing = nativePart('ring');
