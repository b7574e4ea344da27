// The addon's functions of segments. They are documented in crates/node/src/objects/segment.rs.
import { type HandleId, nativePart } from '../addon/native.js';
import type { NativeKind, NativeOptions } from '../object/native-kind.js';

export interface NativeSegmentOptions extends NativeOptions {
  size: number;
  data: Uint8Array | undefined;
}

export interface NativeSegment extends NativeKind<NativeSegmentOptions> {
  capacity(handle: HandleId): number;
  used(handle: HandleId): number;
  read(handle: HandleId, target: Uint8Array, offset: number, length: number): void;
  write(handle: HandleId, data: Uint8Array, offset: number): void;
  setCapacity(handle: HandleId, bytes: number): void;
  append(handle: HandleId, data: Uint8Array): void;
  trim(handle: HandleId, offset: number): void;
  view(handle: HandleId): ArrayBuffer | undefined;
  openings(handle: HandleId): number;
}

export const segment: NativeSegment = nativePart('segment');
