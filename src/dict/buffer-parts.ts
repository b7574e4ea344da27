// Parts of buffers that views in a value show, in a table after the value: the bytes of all parts, then for each part the
// number of its buffer, where it starts in that buffer, and its length; then the number of parts.
//
// A view often shows a small part of memory that unrelated data shares, such as the pool that small Buffers of Node come
// from. So only bytes that some view of the value shows are stored; what lies between two views is stored as zeros.
import { types } from 'node:util';
import { Uint8Array } from '../addon/intrinsics.js';
import { threads } from '../addon/lazy.js';
import { alignmentOf, type ViewRange } from './views.js';

/** The buffer's number, the first byte's position and the length: 32, 64 and 64 bits. */
const RECORD_BYTES = 20;
const COUNT_BYTES = 4;

interface Range {
  readonly first: number;
  readonly end: number;
  readonly alignment: number;
}

interface SourceBuffer {
  readonly index: number;
  readonly ranges: Range[];
}

/** A part as it is read: `first` is the position of its first byte in the buffer that it came from. */
export interface StoredPart {
  readonly first: number;
  readonly memory: ArrayBuffer;
}

export class BufferParts {
  readonly #sources = new Map<ArrayBufferLike, SourceBuffer>();

  /** `whole` are buffers of which all bytes are stored. They get the first numbers. */
  constructor(whole: Iterable<ArrayBuffer> = []) {
    for (const buffer of whole) this.add({ kind: -1, buffer, offset: 0, length: buffer.byteLength });
  }

  /** Adds what a view shows. Returns the number of its buffer. */
  add({ kind, buffer, offset, length }: ViewRange): number {
    let source = this.#sources.get(buffer);
    if (source === undefined) {
      source = { index: this.#sources.size, ranges: [] };
      this.#sources.set(buffer, source);
    }
    source.ranges.push({ first: offset, end: offset + length, alignment: alignmentOf(kind) });
    return source.index;
  }

  /** Returns the buffers, without those that threads share. */
  buffers(): ArrayBuffer[] {
    return [...this.#sources.keys()].filter((buffer): buffer is ArrayBuffer => !types.isSharedArrayBuffer(buffer));
  }

  /** Returns the table. */
  written(): Uint8Array[] {
    const bytes: Uint8Array[] = [];
    const records: Buffer[] = [];
    for (const [buffer, { index, ranges }] of this.#sources) {
      for (const group of groupsOf(ranges, isPool(buffer))) {
        const part = copyOf(buffer, group);
        bytes.push(part.bytes);
        records.push(recordOf(index, part.first, part.bytes.length));
      }
    }
    const count = Buffer.alloc(COUNT_BYTES);
    count.writeUInt32LE(records.length);
    return [...bytes, ...records, count];
  }
}

function recordOf(index: number, first: number, length: number): Buffer {
  const record = Buffer.alloc(RECORD_BYTES);
  record.writeUInt32LE(index);
  record.writeDoubleLE(first, 4);
  record.writeDoubleLE(length, 12);
  return record;
}

/** Returns whether unrelated Buffers share this memory: then views of it stay together only if they overlap. */
function isPool(buffer: ArrayBufferLike): boolean {
  const { isMarkedAsUntransferable: isMarked } = threads() as { isMarkedAsUntransferable?: (value: unknown) => boolean };
  return buffer.byteLength === Buffer.poolSize || (isMarked?.(buffer) ?? false);
}

/** Returns the ranges that come out as one buffer each. */
function groupsOf(ranges: Range[], apart: boolean): Range[][] {
  if (!apart) return [ranges];
  const groups: Range[][] = [];
  let end = -1;
  // Not `toSorted`, which Node.js 18 lacks.
  ranges.sort((a, b) => a.first - b.first); // oxlint-disable-line unicorn/no-array-sort
  for (const range of ranges) {
    if (range.first < end) groups.at(-1)?.push(range);
    else groups.push([range]);
    end = Math.max(end, range.end);
  }
  return groups;
}

function copyOf(buffer: ArrayBufferLike, ranges: Range[]): { first: number; bytes: Uint8Array } {
  let [lowest, highest, alignment] = [Infinity, 0, 1];
  for (const range of ranges) {
    lowest = Math.min(lowest, range.first);
    highest = Math.max(highest, range.end);
    alignment = Math.max(alignment, range.alignment);
  }
  const first = lowest - (lowest % alignment);
  const bytes = new Uint8Array(highest - first);
  for (const range of ranges) bytes.set(new Uint8Array(buffer, range.first, range.end - range.first), range.first - first);
  return { first, bytes };
}

/** The parts of each buffer, in the order of their ends, by the buffer's number. */
export type StoredParts = ReadonlyMap<number, readonly StoredPart[]>;

/** Returns the part that has all bytes of a range; `undefined` if none has. */
export function partOf(parts: readonly StoredPart[], offset: number, end: number): StoredPart | undefined {
  // There may be as many parts as views, so they are not searched one by one.
  let [low, high] = [0, parts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (endOf(parts[middle] as StoredPart) < end) low = middle + 1;
    else high = middle;
  }
  const part = parts[low];
  return part !== undefined && part.first <= offset ? part : undefined;
}

function endOf({ first, memory }: StoredPart): number {
  return first + memory.byteLength;
}

/** Returns the parts in the table at the end of a value. Each gets a buffer of its own. */
export function readParts(value: Buffer): StoredParts {
  const recordsEnd = value.length - COUNT_BYTES;
  const records = recordsEnd - value.readUInt32LE(recordsEnd) * RECORD_BYTES;
  const parts = new Map<number, StoredPart[]>();
  let start = records;
  for (let at = records; at < recordsEnd; at += RECORD_BYTES) start -= value.readDoubleLE(at + 12);
  for (let at = records; at < recordsEnd; at += RECORD_BYTES) {
    const end = start + value.readDoubleLE(at + 12);
    if (!(start >= 0 && start <= end && end <= records)) throw new RangeError('a part of a buffer lies outside of the value');
    const buffer = value.readUInt32LE(at);
    const ofBuffer = parts.get(buffer) ?? [];
    parts.set(buffer, ofBuffer);
    const part = { first: value.readDoubleLE(at + 4), memory: new Uint8Array(value.subarray(start, end)).buffer };
    const before = ofBuffer.at(-1);
    if (!(endOf(part) >= (before === undefined ? 0 : endOf(before)))) throw new RangeError('the parts of a buffer are not in order');
    ofBuffer.push(part);
    start = end;
  }
  return parts;
}
