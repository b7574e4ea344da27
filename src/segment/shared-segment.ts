// The public class of segments: named memory without structure.
import { dirname } from 'node:path';
import { Uint8Array } from '../addon/intrinsics.js';
import { constants } from 'node:buffer';
import { types } from 'node:util';
import { bytesOfData, type Data, fillTarget, markMapped } from '../arguments/bytes.js';
import { checkInteger, checkObject, checkString } from '../arguments/check.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { outOfRange, ShmError, wrongType, wrongValue } from '../addon/errors.js';
import { MemoryFile } from '../files/memory-file.js';
import { ObjectHandle } from '../object/handle.js';
import { crypto } from '../addon/lazy.js';
import { type KindStatics, kindStatics } from '../object/kind.js';
import { NamedObject, showOpened } from '../object/named-object.js';
import { OPEN_NAMES, NAMING_NAMES, namingOptions } from '../object/options.js';
import type { HandleId } from '../addon/native.js';
import { bytesOf } from '../arguments/size.js';
import { segment, type NativeSegmentOptions } from './native.js';
import { closeShared, expectOpening } from './share.js';
import type { ListedSegment, SegmentCreateOptions, SegmentHandle, SegmentOpenOptions } from './types.js';

const { replace: _, onMismatch: __, ...KEPT_NAMES } = NAMING_NAMES;
const SEGMENT_OPEN_NAMES: OptionNames<SegmentOpenOptions> = { ...OPEN_NAMES, maxBytes: true };
const CREATE_NAMES: OptionNames<SegmentCreateOptions> = { ...KEPT_NAMES, size: true, data: true };

type Statics = KindStatics<SharedSegment, [options: NativeSegmentOptions], ListedSegment>;

const statics: Statics = kindStatics({
  native: segment,
  options: (options: NativeSegmentOptions) => options,
  make: (name, opened) => new SharedSegment(new ObjectHandle(name, opened, closeShared)),
  listed: ({ entries, ...rest }) => ({ ...rest, size: entries }),
});

export class SharedSegment extends NamedObject {
  readonly #handle: ObjectHandle;
  /** What this handle reads at most, however large others make the segment. */
  #maxBytes = Number.POSITIVE_INFINITY;
  /** Weak, so that an unused view does not keep the memory mapped. */
  #buffer: WeakRef<ArrayBuffer> | undefined;

  /** Internal: users call `create`, `from` and `open`. */
  constructor(handle: ObjectHandle) {
    super(handle);
    this.#handle = handle;
  }

  static create(name: string | undefined, options: unknown): SharedSegment {
    return make(name, createOptions(options));
  }

  static from(data: Data, capacity?: number): SharedSegment {
    const size = capacity === undefined ? 0 : checkInteger('capacity', capacity, 0);
    return make(undefined, { size, data: bytesOfData('data', data) });
  }

  static open(name: string | SegmentHandle, options?: unknown): SharedSegment {
    const { maxBytes, ...rest } = checkOptions('options', options, SEGMENT_OPEN_NAMES);
    const limit = maxBytes === undefined ? Number.POSITIVE_INFINITY : bytesOf('options.maxBytes', maxBytes);
    const opened = typeof name === 'object' && name !== null ? SharedSegment.#openShared(name, rest) : statics.open(name, rest);
    opened.#maxBytes = limit;
    return opened;
  }

  static readonly unlink: Statics['unlink'] = statics.unlink;
  static readonly prune: Statics['prune'] = statics.prune;
  static readonly list: Statics['list'] = statics.list;

  get capacity(): number {
    return segment.capacity(this.#handle.id);
  }

  get size(): number {
    return segment.used(this.#handle.id);
  }

  read(offset: number = 0, length?: number): Buffer {
    const { id } = this.#handle;
    const size = segment.used(id);
    checkInteger('offset', offset, 0, size);
    if (length === undefined) this.#checkLimit(size);
    const bytes = length === undefined ? size - offset : checkInteger('length', length, 0, size - offset);
    const copy = Buffer.allocUnsafe(bytes);
    segment.read(id, copy, offset, bytes);
    return copy;
  }

  readInto(target: Uint8Array, offset: number = 0): number {
    const { id } = this.#handle;
    const size = segment.used(id);
    const present = size - checkInteger('offset', offset, 0, size);
    const bytes = types.isUint8Array(target) ? Math.min(target.length, present) : 0;
    fillTarget(target, bytes, (memory) => segment.read(id, memory, offset, bytes));
    return bytes;
  }

  write(data: Data, offset: number = 0): number {
    const { id } = this.#handle;
    const bytes = bytesOfData('data', data);
    const capacity = segment.capacity(id);
    const space = capacity - checkInteger('offset', offset, 0, capacity);
    if (bytes.length > space) throw outOfRange('data.length', `at most ${space}, the capacity from the offset on`, bytes.length);
    segment.write(id, bytes, offset);
    return bytes.length;
  }

  setCapacity(bytes: number): void {
    segment.setCapacity(this.#handle.id, checkInteger('bytes', bytes, 0));
  }

  append(data: Data | SharedSegment): void {
    const { id } = this.#handle;
    segment.append(id, data instanceof SharedSegment ? data.toBuffer() : bytesOfData('data', data));
  }

  split(position: number): [SharedSegment, SharedSegment] {
    const content = this.toBuffer();
    checkInteger('position', position, 0, content.length);
    const first = SharedSegment.from(content.subarray(0, position));
    try {
      return [first, SharedSegment.from(content.subarray(position))];
    } catch (error) {
      first.close();
      throw error;
    }
  }

  trim(offset: number = 0): void {
    const { id } = this.#handle;
    segment.trim(id, checkInteger('offset', offset, 0, segment.used(id)));
  }

  toBuffer(): Buffer {
    return this.read();
  }

  view(): Uint8Array {
    const { id } = this.#handle;
    const capacity = segment.capacity(id);
    this.#checkLimit(capacity);
    if (capacity === 0) return new Uint8Array(0);
    if (capacity > constants.MAX_LENGTH) {
      throw new ShmError('ERR_SHM_NO_VIEW', `a view has at most ${constants.MAX_LENGTH} bytes, and the segment has ${capacity}`, { object: this.#handle.object });
    }
    const buffer = this.#buffer?.deref();
    const covering = buffer !== undefined && buffer.byteLength >= capacity ? buffer : this.#makeBuffer(id);
    return new Uint8Array(covering, 0, Math.min(capacity, covering.byteLength));
  }

  file(): MemoryFile {
    void this.capacity;
    return MemoryFile.over(this);
  }

  share(): SegmentHandle {
    const { id, name, path: file, segment: number } = this.#handle;
    expectOpening(id);
    return { type: 'SharedSegment', name, dir: dirname(file), segment: number };
  }

  #checkLimit(bytes: number): void {
    if (bytes <= this.#maxBytes) return;
    throw new ShmError('ERR_SHM_TOO_LARGE', `the segment has ${bytes} bytes, and this handle was opened with maxBytes: ${this.#maxBytes}`, { object: this.#handle.object });
  }

  static #openShared(handle: SegmentHandle, options: Partial<SegmentOpenOptions>): SharedSegment {
    const { type, dir, segment: number, ...rest } = checkObject<SegmentHandle>('handle', handle);
    if (type !== 'SharedSegment') throw wrongValue('handle', 'must be a result of share()', type);
    const where = { dir: checkString('handle.dir', dir), ...options };
    const name = checkString('handle.name', rest.name);
    const opened = statics.open(name, where);
    if (opened.#handle.segment === number) {
      if (opened.readOnly) recordOpening(name, where);
      return opened;
    }
    opened.close();
    throw new ShmError('ERR_SHM_NOT_FOUND', `the segment that was shared as ${name} is gone; another one has its name now`, { object: opened.#handle.object });
  }

  #makeBuffer(id: HandleId): ArrayBuffer {
    const buffer = segment.view(id);
    if (buffer === undefined) {
      throw new ShmError('ERR_SHM_NO_VIEW', 'this runtime makes no view of memory that it does not own: use read and write', { object: this.#handle.object });
    }
    markMapped(buffer);
    this.#buffer = new WeakRef(buffer);
    return buffer;
  }
}

Object.defineProperty(SharedSegment.prototype, Symbol.toStringTag, { value: 'SharedSegment', configurable: true });
showOpened(SharedSegment.prototype, ({ size, capacity }) => ({ used: `${size} of ${capacity} bytes` }));

function make(name: string | undefined, options: NativeSegmentOptions): SharedSegment {
  return statics.create(name === undefined ? `unnamed-${process.pid}-${crypto().randomBytes(12).toString('hex')}` : name, options);
}

// A read-only opening leaves no trace in the segment, and the process that shared it would keep waiting for one.
function recordOpening(name: string, where: object): void {
  try {
    statics.open(name, { ...where, readOnly: false }).close();
  } catch {
    // Without permission to write, the name stays until the process that shared it ends.
  }
}

function createOptions(argument: unknown): NativeSegmentOptions {
  const options = checkOptions('options', argument, CREATE_NAMES);
  const { size, data } = options;
  if (size === undefined && data === undefined) throw wrongType('options.size', 'a number or a string if there is no data', size);
  return {
    ...namingOptions(options),
    replace: false,
    size: size === undefined || size === 0 ? 0 : bytesOf('options.size', size),
    data: data === undefined ? undefined : bytesOfData('options.data', data),
  };
}
