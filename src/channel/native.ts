// The addon's functions of channels. They are documented in crates/node/src/objects/channel.rs.
import { callFrameMemory, type HandleId, nativePart } from '../addon/native.js';
import { Float64Array } from '../addon/intrinsics.js';
import type { NativeKind } from '../object/native-kind.js';
import type { SizedNativeOptions } from '../object/options.js';
import type { ChannelStats } from './types.js';

const number = new Float64Array(callFrameMemory, 56, 1);

export interface NativeChannel extends NativeKind<SizedNativeOptions> {
  /** The sequence number is then the call frame's version. */
  post(handle: HandleId, value: unknown, kind?: number): void;
  subscribe(handle: HandleId, fromOldest: boolean): void;
  next(handle: HandleId, position: number, heard: number, most: number): unknown[];
  /** Returns a ticket, if that is a number. */
  wait(handle: HandleId, position: number, heard: number): true | number;
  stats(handle: HandleId): ChannelStats;
}

export const channel: NativeChannel = nativePart('channel');

/** Returns the position of a subscription after `subscribe` and `next`. How much it has heard is the call frame's seconds. */
export function lastPosition(): number {
  return number[0] as number;
}
