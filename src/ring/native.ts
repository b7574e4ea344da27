// The addon's functions of rings. They are documented in crates/node/src/objects/ring.rs.
import { type HandleId, nativePart } from '../addon/native.js';
import type { NativeKind } from '../object/native-kind.js';
import type { SizedNativeOptions } from '../object/options.js';
import type { RingStats } from './types.js';

/** Another participant holds the lock of that end. */
export const BUSY = -1;
/** Less the bytes of the next message, which does not fit. The first length is then what all messages need. */
export const TOO_LONG = -2;

export interface NativeRingOptions extends SizedNativeOptions {
  wipe: boolean | undefined;
}

export interface NativeRing extends NativeKind<NativeRingOptions> {
  send(handle: HandleId, message: Uint8Array, mayBlock: boolean): number;
  sendMany(handle: HandleId, messages: readonly Uint8Array[]): number;
  sendSync(handle: HandleId, message: Uint8Array, timeout: number): boolean;
  receive(handle: HandleId, target: Uint8Array, offset: number, lengths: Uint8Array, most: number, mayBlock: boolean): number;
  receiveSync(handle: HandleId, target: Uint8Array, offset: number, lengths: Uint8Array, most: number, timeout: number): number;
  peek(handle: HandleId, most: number): Buffer[];
  /** Returns a ticket, if that is a number. */
  wait(handle: HandleId, isSender: boolean, bytes: number): true | number;
  stats(handle: HandleId): RingStats;
}

export const ring: NativeRing = nativePart('ring');
