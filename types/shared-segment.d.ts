import type { MemoryFile } from '../dist/files/memory-file.js';
import type { ListedSegment, SegmentCreateOptions, SegmentHandle } from '../dist/segment/types.js';
import type { DirectoryOptions } from '../dist/types.js';
import { NamedObject, type ObjectOpenOptions } from './named-object.js';

export type { ListedSegment, SegmentCreateOptions, SegmentHandle } from '../dist/segment/types.js';

/**
 * Named memory without structure. The capacity can be changed at any time, for everybody, and no process and no view
 * ever faults because of it. Between two processes that use the same bytes there is no order: that is for locks.
 * In the file, the data begins at byte 65,536, so that programs in other languages can map it.
 */
export class SharedSegment extends NamedObject {
  private constructor();

  /**
   * Makes a new segment, of this size, with this data, or both; without a name, under one that nobody else has. The
   * handle is its owner: when it closes, is collected, or its process or worker ends, the name is removed; those who
   * have it open go on. Throws `ERR_SHM_EXISTS`, `ERR_SHM_NO_SPACE`, `ERR_SHM_INVALID_NAME`, `ERR_SHM_ACCESS`.
   */
  static create(name: string | undefined, options: SegmentCreateOptions): SharedSegment;
  /** A new segment that holds `data` (UTF-8 of a string), and has that capacity or what the data needs. */
  static from(data: string | Uint8Array, capacity?: number): SharedSegment;
  /**
   * Attaches to an existing segment, by name or by what `share` gave. Throws `ERR_SHM_NOT_FOUND`, `ERR_SHM_LAYOUT`,
   * `ERR_SHM_UNTRUSTED`, `ERR_SHM_ACCESS`, `ERR_SHM_TOO_MANY_PROCESSES`, `ERR_SHM_INVALID_NAME`.
   */
  static open(name: string | SegmentHandle, options?: ObjectOpenOptions): SharedSegment;
  /** Removes a name; those who have it open go on. True if there was one. */
  static unlink(name: string, options?: DirectoryOptions): boolean;
  /** Removes all leftovers: owned, not `persist`, nobody alive attached. Their names. */
  static prune(options?: DirectoryOptions): string[];
  /** All segments of the directory. */
  static list(options?: DirectoryOptions): ListedSegment[];

  /** Bytes that may be used. O(1). */
  readonly capacity: number;
  /** Bytes that are used: the end of what was written furthest behind. O(1). */
  readonly size: number;

  /** A copy of `length` bytes from `offset` on, within `size`; of all that follow by default. */
  read(offset?: number, length?: number): Buffer;
  /** Fills `target` with bytes from `offset` on, as many as there are and fit; how many. */
  readInto(target: Uint8Array, offset?: number): number;
  /**
   * Writes all bytes of `data` at `offset`, and moves `size` behind them; how many. Throws `ERR_OUT_OF_RANGE` past the
   * capacity, and writes nothing then.
   */
  write(data: string | Uint8Array, offset?: number): number;
  /**
   * Makes the capacity that many bytes, for everybody. What lies behind it is lost, and comes back as zeros. Views keep
   * their length and never fault. All or nothing, also if this process is killed. Throws `ERR_SHM_NO_SPACE`, and
   * `ERR_SHM_LOCK_TIMEOUT` if a living process is at it and stands still. O(bytes gained or given up).
   */
  setCapacity(bytes: number): void;
  /**
   * Copies data, or all of another segment, behind `size`; the capacity grows if it must. Of several at once each gets
   * its own place. Throws what `setCapacity` throws.
   */
  append(data: string | Uint8Array | SharedSegment): void;
  /** Two new segments without names: the bytes before `position`, and those from it on. This one stays as it is. */
  split(position: number): [SharedSegment, SharedSegment];
  /**
   * Drops the first `offset` bytes (default 0), then makes the capacity `size`. Nothing is lost if this process is
   * killed meanwhile: who comes next finishes it. Who reads meanwhile sees bytes move. O(bytes kept).
   */
  trim(offset?: number): void;
  /** A copy of all bytes that are used. */
  toBuffer(): Buffer;
  /**
   * The memory itself, `capacity` bytes of it, without a copy; stores through it do not move `size`. It stays valid as
   * long as it is reachable, also after `close`. Through a read-only handle, stores change only the view. Throws
   * `ERR_SHM_NO_VIEW` where the runtime forbids memory of others, and beyond `buffer.constants.MAX_LENGTH`.
   */
  view(): Uint8Array;
  /** A cursor over the bytes that are used; it writes up to the capacity. */
  file(): MemoryFile;
  /**
   * Plain data for `SharedSegment.open` in another process. The name is kept, even if this object is closed or
   * collected, until another process has opened it or this process (or worker) ends.
   */
  share(): SegmentHandle;
}
