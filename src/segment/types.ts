// Public types of segments.
import type { ListedObject, NamingOptions, ObjectOpenOptions } from '../object/named-types.js';
import type { Size } from '../types.js';

/** Options of `SharedSegment.create`: `size`, `data`, or both. */
export interface SegmentCreateOptions extends Omit<NamingOptions, 'replace' | 'onMismatch'> {
  /** The initial capacity in bytes, exactly, but at least the length of `data`. Default: the length of `data`. */
  size?: Size | undefined;
  /** The initial contents. No process ever sees the segment without them. */
  data?: string | Uint8Array | undefined;
}

/** Options of `SharedSegment.open`. */
export interface SegmentOpenOptions extends ObjectOpenOptions {
  /**
   * What this handle reads at most: `read` and `toBuffer` of all bytes, and `view`, of a segment that others made larger
   * throw `ERR_SHM_TOO_LARGE`. Default: no limit.
   */
  maxBytes?: Size | undefined;
}

/** The result of `share`: a plain object that survives JSON, for `SharedSegment.open` in another process. */
export interface SegmentHandle {
  readonly type: 'SharedSegment';
  /** The segment's name. */
  readonly name: string;
  /** The directory of its file. */
  readonly dir: string;
  /** Identifies the segment, as opposed to another of the same name. */
  readonly segment: string;
}

/** A segment in the result of `SharedSegment.list`. `size` is the number of bytes in use. */
export interface ListedSegment extends ListedObject {}
