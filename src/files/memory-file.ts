// A cursor over memory, with the calls of a file.
import { bytesOfData, type Data } from '../arguments/bytes.js';
import { checkBoolean, checkInteger, checkString } from '../arguments/check.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { outOfRange, ShmError, wrongType, wrongValue } from '../addon/errors.js';
import { ifKnown, showInspected } from '../object/inspect.js';
import { Uncloneable } from '../object/uncloneable.js';

/** What a new position is relative to: the start, the current position, or the end. */
export type Whence = 'set' | 'cur' | 'end';

/** Options of `MemoryFile.lines`. */
export interface LinesOptions {
  /** Keep the `\n` at the end of each line. Default `false`. */
  keepEnd?: boolean | undefined;
  /** Decode the lines to strings. Default: yield `Buffer`s. */
  encoding?: BufferEncoding | undefined;
}

const LINES_NAMES: OptionNames<LinesOptions> = { keepEnd: true, encoding: true };

/** The memory that a cursor reads and writes. */
export interface Storage {
  /** The number of bytes that can be read. */
  readonly size: number;
  /** Where writes must end, if past `size`. */
  readonly capacity?: number;
  readonly readOnly: boolean;
  readInto(target: Uint8Array, offset: number): number;
  write(data: Uint8Array, offset: number): number;
}

const WHENCE: ReadonlySet<Whence> = new Set(['set', 'cur', 'end']);
const NEWLINE = 10;
/** Bytes to read at once when searching for the end of a line: at first, and at most. */
const SHORT_LINE = 256;
const LONG_LINE = 64 * 1024;

/** A cursor that reads and writes memory like a file. It buffers nothing: writes by other processes are seen at once. */
export class MemoryFile extends Uncloneable {
  #storage: Storage | undefined;
  #position = 0;

  private constructor(storage: Storage) {
    super();
    this.#storage = storage;
  }

  /** Returns a read-only cursor over bytes, which are not copied, or over a string's UTF-8. */
  static from(data: Data): MemoryFile {
    return new MemoryFile(new Bytes(bytesOfData('data', data)));
  }

  /** @internal Returns a cursor over any storage. */
  static over(storage: Storage): MemoryFile {
    return new MemoryFile(storage);
  }

  /** The position of the next read or write. */
  get position(): number {
    return this.#position;
  }

  /** The number of bytes that can be read. */
  get size(): number {
    return this.#open().size;
  }

  /** Whether `close` has been called. */
  get closed(): boolean {
    return this.#storage === undefined;
  }

  /**
   * Reads and returns up to the given number of bytes, or the rest of the line without its `\n`, or all remaining bytes;
   * `null` at the end.
   *
   * Throws what the memory's own `read` throws.
   */
  read(what: number | 'line' | 'all'): Buffer | null {
    const storage = this.#open();
    if (what === 'line') return this.#readLine(storage, false);
    const most = what === 'all' ? Infinity : checkCount(what);
    const present = storage.size - this.#position;
    if (present <= 0) return null;
    const bytes = Buffer.allocUnsafe(Math.min(most, present));
    const copied = storage.readInto(bytes, this.#position);
    this.#position += copied;
    return bytes.subarray(0, copied);
  }

  /** Returns an iterator over the remaining lines. A line ends with `\n`, which the last one may lack. */
  lines(options: LinesOptions & { encoding: BufferEncoding }): IterableIterator<string>;
  lines(options?: LinesOptions): IterableIterator<Buffer>;
  lines(options?: LinesOptions): IterableIterator<string | Buffer> {
    const { keepEnd, encoding } = checkOptions('options', options, LINES_NAMES);
    if (encoding !== undefined && !Buffer.isEncoding(checkString('options.encoding', encoding))) {
      throw wrongValue('options.encoding', 'must be an encoding of Buffer', encoding);
    }
    this.#open();
    return this.#lines(checkBoolean('options.keepEnd', keepEnd) ?? false, encoding);
  }

  /** Moves to `offset` (default 0) relative to `whence` (default `'cur'`), and returns the new position. */
  seek(whence: Whence = 'cur', offset: number = 0): number {
    const storage = this.#open();
    if (typeof whence !== 'string') throw wrongType('whence', 'of type string', whence);
    if (!WHENCE.has(whence)) throw wrongValue('whence', "must be 'set', 'cur' or 'end'", whence);
    const base = whence === 'set' ? 0 : whence === 'cur' ? this.#position : storage.size;
    const most = Math.max(end(storage), this.#position);
    checkInteger('offset', offset, -base, most - base);
    this.#position = base + offset;
    return this.#position;
  }

  /**
   * Writes all chunks, one after the other.
   *
   * Throws `ERR_OUT_OF_RANGE` if they do not all fit, and then has written nothing.
   */
  write(...chunks: Data[]): this {
    const storage = this.#open();
    const data = chunks.map((chunk) => bytesOfData('chunk', chunk));
    if (storage.readOnly) throw new ShmError('ERR_SHM_READONLY', 'the file is read-only');
    const bytes = data.length === 1 ? (data[0] as Uint8Array) : Buffer.concat(data);
    const space = Math.max(end(storage) - this.#position, 0);
    if (bytes.length > space) throw outOfRange('chunks', `of at most ${space} bytes, up to the end`, bytes.length);
    this.#position += storage.write(bytes, this.#position);
    return this;
  }

  /** Closes the cursor; the memory is not affected. Idempotent. */
  close(): void {
    this.#storage = undefined;
  }

  /** Same as `close`. */
  declare [Symbol.dispose]: () => void;

  #open(): Storage {
    if (this.#storage === undefined) throw new ShmError('ERR_SHM_CLOSED', 'the file is closed');
    return this.#storage;
  }

  *#lines(keepEnd: boolean, encoding: BufferEncoding | undefined): Generator<string | Buffer, undefined, undefined> {
    for (;;) {
      const line = this.#readLine(this.#open(), keepEnd);
      if (line === null) return undefined;
      yield encoding === undefined ? line : line.toString(encoding);
    }
  }

  #readLine(storage: Storage, keepEnd: boolean): Buffer | null {
    const pieces: Buffer[] = [];
    for (let size = SHORT_LINE; this.#position < storage.size; size = Math.min(size * 4, LONG_LINE)) {
      const piece = Buffer.allocUnsafe(Math.min(size, storage.size - this.#position));
      const copied = storage.readInto(piece, this.#position);
      if (copied === 0) break;
      const found = piece.subarray(0, copied).indexOf(NEWLINE);
      this.#position += found === -1 ? copied : found + 1;
      pieces.push(piece.subarray(0, found === -1 ? copied : keepEnd ? found + 1 : found));
      if (found !== -1) break;
    }
    if (pieces.length === 0) return null;
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  }
}

Object.defineProperty(MemoryFile.prototype, Symbol.dispose, { value: MemoryFile.prototype.close, writable: true, configurable: true });
showInspected(MemoryFile.prototype, (file) => (file.closed ? { closed: true } : ifKnown(() => ({ position: file.position, size: file.size }))));
Object.defineProperty(MemoryFile.prototype, Symbol.toStringTag, { value: 'MemoryFile', configurable: true });

/** JavaScript's own bytes, read-only. */
class Bytes implements Storage {
  readonly #bytes: Uint8Array;
  readonly readOnly = true;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  readInto(target: Uint8Array, offset: number): number {
    const present = this.#bytes.subarray(offset, offset + target.length);
    target.set(present);
    return present.length;
  }

  write(): number {
    return 0;
  }
}

function end(storage: Storage): number {
  return storage.capacity ?? storage.size;
}

function checkCount(count: unknown): number {
  if (typeof count === 'string') throw wrongValue('what', "must be a number of bytes, 'line' or 'all'", count);
  return checkInteger('what', count, 0);
}
