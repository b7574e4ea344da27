import type { MemoryFile } from '../dist/files/memory-file.js';
import type { ListedSegment, SegmentCreateOptions, SegmentHandle, SegmentOpenOptions } from '../dist/segment/types.js';
import type { DirectoryOptions } from '../dist/types.js';
import { NamedObject, type PruneOptions } from './named-object.js';

export type { ListedSegment, SegmentCreateOptions, SegmentHandle, SegmentOpenOptions } from '../dist/segment/types.js';

/**
 * Named memory without structure. Its capacity can change at any time, for every process, and no process or view ever
 * faults because of it. Accesses of several processes to the same bytes are not ordered: use a lock for that.
 *
 * In the file, the data begins at byte 65,536, so that programs in other languages can map it.
 */
export class SharedSegment extends NamedObject {
  private constructor();

  /**
   * Creates a segment with the given size, data, or both. The returned handle is its owner: when the handle is closed
   * or collected, or its process or worker ends, the name is removed. Other handles keep working. If a signal ends the
   * process, SIGTERM included, the name stays as a leftover until the next `create` of the name, or `prune`; a handler
   * that calls `process.exit` removes it. Without a name, the segment gets a unique one.
   *
   * Throws `ERR_SHM_EXISTS`, `ERR_SHM_NO_SPACE`, `ERR_SHM_INVALID_NAME`, `ERR_SHM_ACCESS`.
   */
  static create(name: string | undefined, options: SegmentCreateOptions): SharedSegment;
  /**
   * Creates a segment with a unique name that holds `data`, a string as UTF-8. Its capacity is `capacity` bytes, and at
   * least those of the data.
   *
   * Throws what `create` throws.
   */
  static from(data: string | Uint8Array, capacity?: number): SharedSegment;
  /**
   * Opens an existing segment, by its name or by a handle from `share`.
   *
   * Throws `ERR_SHM_NOT_FOUND`, `ERR_SHM_LAYOUT`, `ERR_SHM_UNTRUSTED`, `ERR_SHM_ACCESS`,
   * `ERR_SHM_TOO_MANY_PROCESSES`, `ERR_SHM_INVALID_NAME`.
   */
  static open(name: string | SegmentHandle, options?: SegmentOpenOptions): SharedSegment;
  /** Removes a name and returns whether it existed. Handles that have the segment open keep working. */
  static unlink(name: string, options?: DirectoryOptions): boolean;
  /** Removes stale segments (owner gone, not `persist`, no live process attached) and returns their names. */
  static prune(options?: PruneOptions): string[];
  /** Returns all segments in the directory. */
  static list(options?: DirectoryOptions): ListedSegment[];

  /** The number of bytes that can be used. O(1). */
  readonly capacity: number;
  /** The number of bytes in use: the end of the furthest write. O(1). */
  readonly size: number;

  /** Returns a copy of `length` bytes at `offset` (default 0), within `size`; by default of all that follow. */
  read(offset?: number, length?: number): Buffer;
  /**
   * Copies bytes at `offset` (default 0) into `target`, as many as there are and as fit, and returns the number of bytes
   * copied.
   */
  readInto(target: Uint8Array, offset?: number): number;
  /**
   * Writes all of `data` at `offset` (default 0), moves `size` past it if needed, and returns the number of bytes
   * written.
   *
   * Throws `ERR_OUT_OF_RANGE` if the data would pass the capacity, and then has written nothing.
   */
  write(data: string | Uint8Array, offset?: number): number;
  /**
   * Sets the capacity in bytes, for every process. Bytes that are cut off are lost and come back as zeros. Views keep
   * their length and never fault. Takes effect as a whole or not at all, even if this process is killed. O(bytes gained
   * or given up).
   *
   * Throws `ERR_SHM_NO_SPACE`, and `ERR_SHM_LOCK_TIMEOUT` if a live process is changing the capacity and makes no
   * progress.
   */
  setCapacity(bytes: number): void;
  /**
   * Appends data, or all of another segment, at `size`; the capacity grows if needed. Concurrent appends never overlap.
   *
   * Throws what `setCapacity` throws.
   */
  append(data: string | Uint8Array | SharedSegment): void;
  /**
   * Creates two segments with unique names, from the bytes before `position` and from the rest, and returns them. This
   * segment is not changed.
   */
  split(position: number): [SharedSegment, SharedSegment];
  /**
   * Drops the first `offset` bytes (default 0), then reduces the capacity to `size`. O(bytes kept). If this process is
   * killed meanwhile, nothing is lost: the next process to use the segment completes the operation. Concurrent readers
   * see bytes move.
   */
  trim(offset?: number): void;
  /** Returns a copy of all bytes in use. */
  toBuffer(): Buffer;
  /**
   * Returns the memory itself, all `capacity` bytes of it, without a copy. Stores through the view do not move `size`;
   * through a read-only handle they change only the view. The view stays valid as long as it is reachable, even after
   * `close`.
   *
   * Throws `ERR_SHM_NO_VIEW` where the runtime forbids external memory, and above `buffer.constants.MAX_LENGTH` bytes.
   */
  view(): Uint8Array;
  /** Returns a cursor over the bytes in use. It can write up to the capacity. */
  file(): MemoryFile;
  /**
   * Returns a plain object for `SharedSegment.open` in another process. Even if this object is closed or collected, the
   * name is kept until another process has opened it, or this process or worker ends.
   */
  share(): SegmentHandle;
}
