// The addon's functions for maps and locks of files. They are documented in crates/node/src/files.
import { type HandleId, nativePart } from '../addon/native.js';

export interface NativeMap {
  open(fd: number, access: number, offset: number, length: number, execute: boolean, populate: boolean): HandleId;
  mirror(fd: number, size: number, times: number): HandleId;
  read(map: HandleId, target: Uint8Array, at: number, offset: number, length: number): void;
  write(map: HandleId, data: Uint8Array, offset: number): void;
  view(map: HandleId): ArrayBuffer | undefined;
  flush(map: HandleId, offset: number, length: number, beginOnly: boolean): void;
  advise(map: HandleId, advice: number): void;
  lock(map: HandleId): void;
  close(map: HandleId): void;
  extend(fd: number, size: number): void;
  pageSize(): number;
  /** The unit of the sizes of mirrors, a multiple of the page size. */
  granularity(): number;
}

export interface NativeRangeLock {
  /** Returns 0 if part of the range is locked elsewhere. */
  take(fd: number, exclusive: boolean, offset: number, length: number): HandleId;
  release(lock: HandleId): void;
  /** Returns a new descriptor of the same file. Windows only. */
  reopen?(fd: number, forWriting: boolean): number;
}

/** The access for reading and writing, as `open` takes it. */
export const WRITE = 1;

export const map: NativeMap = nativePart('map');
export const rangeLock: NativeRangeLock = nativePart('rangeLock');
