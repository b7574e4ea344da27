// Public types of segments.
import type { ListedObject, NamingOptions } from '../object/named-types.js';
import type { Size } from '../types.js';

/** Options of `SharedSegment.create`: a size, data, or both. */
export interface SegmentCreateOptions extends Omit<NamingOptions, 'replace'> {
  /** Bytes that may be used at first, exactly; at least those of `data` in any case. Default: those of `data`. */
  size?: Size | undefined;
  /** What it holds at the start: nobody ever sees it without. */
  data?: string | Uint8Array | undefined;
}

/** What `share` gives: plain data that survives JSON, for `SharedSegment.open` in another process. */
export interface SegmentHandle {
  readonly type: 'SharedSegment';
  readonly name: string;
  /** Where its file is. */
  readonly dir: string;
  /** Tells it from another of the same name. */
  readonly segment: string;
}

/** One line of `SharedSegment.list`; `size` is the bytes that are used. */
export interface ListedSegment extends ListedObject {}
