// Mapped memory: of a file, anonymous, or the same memory several times in a row.
import { constants } from 'node:buffer';
import { Uint8Array } from '../addon/intrinsics.js';
import { types } from 'node:util';
import { bytesOfData, type Data, fillTarget, markMapped } from '../arguments/bytes.js';
import { checkBoolean, checkInteger } from '../arguments/check.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { outOfRange, ShmError, wrongType, wrongValue } from '../addon/errors.js';
import { MemoryFile } from './memory-file.js';
import type { HandleId } from '../addon/native.js';
import { map } from './native.js';
import { flags, showInspected } from '../object/inspect.js';
import { Uncloneable } from '../object/uncloneable.js';

/** How the memory will be accessed: from start to end, in random order, soon, not soon. */
export type Advice = 'sequential' | 'random' | 'willneed' | 'dontneed';

const ADVICE: readonly Advice[] = ['sequential', 'random', 'willneed', 'dontneed'];

/** Options of `MemoryMap.flush`. */
export interface FlushOptions {
  /** Start writing, but do not wait for it to finish. Default `false`. */
  async?: boolean | undefined;
  /** The first byte to flush. Default 0. */
  offset?: number | undefined;
  /** The number of bytes to flush. Default: all that follow. The range is widened to whole pages. */
  length?: number | undefined;
}

const FLUSH_NAMES: OptionNames<FlushOptions> = { async: true, offset: true, length: true };

/** The description of a new map. */
export interface Mapped {
  readonly id: HandleId;
  /** Bytes of one copy. */
  readonly size: number;
  /** The number of copies in a row. */
  readonly times: number;
  readonly readOnly: boolean;
}

/** Unmaps maps that were collected without `close`. */
const collected = new FinalizationRegistry<HandleId>((id) => map.close(id));

/**
 * Memory mapped by `mapFile` or `mapMirror`. It is unmapped by `close`, when the map is collected, or when its thread
 * ends; memory with views is unmapped when the last view is collected.
 *
 * Every method throws `ERR_SHM_CLOSED` after `close`. Reading and writing throw `ERR_SHM_TRUNCATED` for bytes that the
 * file no longer has, and `ERR_OUT_OF_RANGE` outside the map.
 */
export class MemoryMap extends Uncloneable {
  #id: HandleId;
  /** Weak, so that an unused view does not keep the memory mapped. */
  #buffer: WeakRef<ArrayBuffer> | undefined;
  /** The size in bytes; of a mirror, that of one copy. */
  readonly size: number;
  /** How many copies are mapped in a row: 1 unless made by `mapMirror`. Offsets go up to `size * times`. */
  readonly times: number;
  /** Whether writing throws `ERR_SHM_READONLY`. */
  readonly readOnly: boolean;

  /** Internal: users call `mapFile` and `mapMirror`. */
  constructor(mapped: Mapped) {
    if (typeof mapped !== 'object') throw wrongType('mapped', 'made by mapFile or mapMirror', mapped);
    super();
    this.#id = mapped.id;
    this.size = mapped.size;
    this.times = mapped.times;
    this.readOnly = mapped.readOnly;
    collected.register(this, mapped.id, this);
  }

  /** Whether `close` has been called. */
  get closed(): boolean {
    return this.#id === 0;
  }

  /** Returns a copy of `length` bytes at `offset` (default 0); by default of all that follow, in a mirror within one copy. */
  read(offset: number = 0, length?: number): Buffer {
    const id = this.#open();
    const present = this.#bytesFrom(offset);
    const bytes = length === undefined ? firstCopy(this, offset, present) : checkInteger('length', length, 0, present);
    const copy = Buffer.allocUnsafe(bytes);
    map.read(id, copy, 0, offset, bytes);
    return copy;
  }

  /**
   * Copies bytes at `offset` (default 0) into `target`, as many as there are and as fit, and returns the number of bytes
   * copied.
   */
  readInto(target: Uint8Array, offset: number = 0): number {
    const id = this.#open();
    const present = this.#bytesFrom(offset);
    const bytes = types.isUint8Array(target) ? Math.min(target.length, present) : 0;
    fillTarget(target, bytes, (memory) => map.read(id, memory, 0, offset, bytes));
    return bytes;
  }

  /**
   * Writes all of `data`, a string as UTF-8, at `offset` (default 0), and returns the number of bytes written. If the data
   * would leave the map, it writes nothing.
   */
  write(data: Data, offset: number = 0): number {
    const id = this.#open();
    const bytes = bytesOfData('data', data);
    if (this.readOnly) throw new ShmError('ERR_SHM_READONLY', 'the map is read-only');
    const space = this.#bytesFrom(offset);
    if (bytes.length > space) throw outOfRange('data.length', `at most ${space}, the bytes from the offset to the end`, bytes.length);
    map.write(id, bytes, offset);
    return bytes.length;
  }

  /**
   * Returns the memory itself, without a copy. It stays mapped as long as any view of it is reachable, even after `close`.
   * Stores through a view of read-only memory change only what the views of this map show.
   *
   * Unlike the methods, a view cannot be protected from a file that gets shorter: accessing bytes that the file no longer
   * has ends the process with SIGBUS.
   *
   * Throws `ERR_SHM_NO_VIEW` where the runtime forbids external memory, as Electron does, and above
   * `buffer.constants.MAX_LENGTH` bytes.
   */
  view(): Uint8Array {
    const id = this.#open();
    const buffer = this.#buffer?.deref();
    // A buffer that was transferred away has no bytes left.
    return new Uint8Array(buffer === undefined || buffer.byteLength === 0 ? this.#makeBuffer(id) : buffer);
  }

  /** Returns a cursor over the memory. It works as long as the map is open. */
  file(): MemoryFile {
    this.#open();
    return MemoryFile.over(this);
  }

  /**
   * Writes changes back to the file.
   *
   * Throws system errors such as `EIO`.
   */
  flush(options?: FlushOptions): void {
    const id = this.#open();
    const { async, offset = 0, length } = checkOptions('options', options, FLUSH_NAMES);
    checkInteger('options.offset', offset, 0, this.size);
    const bytes = length === undefined ? this.size - offset : checkInteger('options.length', length, 0, this.size - offset);
    map.flush(id, offset, bytes, checkBoolean('options.async', async) ?? false);
  }

  /** Tells the system how the memory will be accessed. A hint: it never changes the contents. */
  advise(advice: Advice): void {
    const number = ADVICE.indexOf(advice);
    if (typeof advice !== 'string') throw wrongType('advice', 'of type string', advice);
    if (number === -1) throw wrongValue('advice', `must be one of ${ADVICE.join(', ')}`, advice);
    map.advise(this.#open(), number);
  }

  /**
   * Locks all pages in memory until the map is closed.
   *
   * Throws `ENOMEM` or `EPERM` at the user's limit.
   */
  lock(): void {
    map.lock(this.#open());
  }

  /** Closes the map and unmaps the memory, unless views still use it. Idempotent. */
  close(): void {
    const id = this.#id;
    if (id === 0) return;
    this.#id = 0;
    collected.unregister(this);
    map.close(id);
  }

  /** Same as `close`. */
  declare [Symbol.dispose]: () => void;

  #open(): HandleId {
    if (this.#id === 0) throw new ShmError('ERR_SHM_CLOSED', 'the map is closed');
    return this.#id;
  }

  /** Returns the end of the mapped memory. */
  #reach(): number {
    return this.size * this.times;
  }

  /** Returns the number of bytes from `offset` to the end of the mapped memory. */
  #bytesFrom(offset: number): number {
    return this.#reach() - checkInteger('offset', offset, 0, this.#reach());
  }

  #makeBuffer(id: HandleId): ArrayBuffer {
    if (this.#reach() > constants.MAX_LENGTH) {
      throw new ShmError('ERR_SHM_NO_VIEW', `a view has at most ${constants.MAX_LENGTH} bytes, and the map has ${this.#reach()}`);
    }
    const buffer = map.view(id);
    if (buffer === undefined) {
      throw new ShmError('ERR_SHM_NO_VIEW', 'this runtime makes no view of memory that it does not own: use read and write');
    }
    markMapped(buffer);
    this.#buffer = new WeakRef(buffer);
    return buffer;
  }
}

Object.defineProperty(MemoryMap.prototype, Symbol.dispose, { value: MemoryMap.prototype.close, writable: true, configurable: true });
showInspected(MemoryMap.prototype, ({ size, times, readOnly, closed }) => ({ size, ...(times > 1 && { times }), ...flags({ readOnly, closed }) }));
Object.defineProperty(MemoryMap.prototype, Symbol.toStringTag, { value: 'MemoryMap', configurable: true });

/** Limits `present` bytes at `offset` to the first copy, if the offset lies within it. */
function firstCopy({ size }: MemoryMap, offset: number, present: number): number {
  return offset < size ? size - offset : present;
}
