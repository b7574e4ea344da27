// Plain data as bytes whose objects name their structures. This is a file of its own in the package, loaded when the first
// object is stored or read, and it imports nothing of the rest.
import { PIECE, Reader } from './reader.js';
import { Table, type TableMemory } from './table.js';
import { HEADER_BYTES, WIDE } from './tags.js';
import { type TimeOf, Writer } from './writer.js';

export { CHANGED, FULL, STORED, type TableMemory } from './table.js';
export { PIECE };

/** How often other processes may add structures while one value is written. */
const MOST_ROUNDS = 100;
/** Memory of a writer that a getter of a value needs. */
const NESTED_BYTES = 4096;

/** A value as bytes and text: `header` bytes, or 2^30 more if it has structures of its own, are in the outgoing memory. */
export interface Parts {
  readonly header: number;
  readonly text: string;
}

/** What the addon and the call frame do for records. */
export interface Outside {
  readonly timeOf: TimeOf;
  /** Memory that the addon reads values from. */
  readonly outgoing: Uint8Array;
  /** Memory that the addon writes values to. */
  readonly incoming: Buffer;
  /** The realm's own class, which a test may have replaced since. */
  readonly Date: DateConstructor;
}

/** Makes the two functions that records are written and read with. */
export class Records {
  readonly #incoming: Buffer;
  readonly #incomingView: DataView;
  readonly #writer: Writer;
  readonly #timeOf: TimeOf;
  readonly #Date: DateConstructor;
  #isWriting = false;
  #reader: Reader | undefined;

  constructor(outside: Outside) {
    const { outgoing, incoming, timeOf, Date } = outside;
    this.#incoming = incoming;
    this.#incomingView = viewOf(incoming);
    this.#writer = new Writer(outgoing, timeOf);
    this.#timeOf = timeOf;
    this.#Date = Date;
  }

  /** Returns a handle's table. */
  table(memory: TableMemory): Table {
    return new Table(memory);
  }

  /**
   * Writes a value: returns its parts in the outgoing memory, or all of its bytes if they do not fit there or `whole` asks
   * for them. Returns `undefined` if the value is not plain.
   */
  write(value: object, table: Table, whole: boolean): Parts | Buffer | undefined {
    // A getter can write other values.
    if (this.#isWriting) return writeWith(new Writer(Buffer.allocUnsafeSlow(NESTED_BYTES), this.#timeOf), value, table, true);
    this.#isWriting = true;
    try {
      return writeWith(this.#writer, value, table, whole);
    } finally {
      this.#isWriting = false;
    }
  }

  /** Returns the value of bytes, or throws a plain error. `text` is its text if that is known. */
  read(bytes: Buffer, length: number, text: string, table: Table): unknown {
    const reader = this.#reader ?? new Reader(this.#Date);
    // Nothing that a reader calls reads records, but a compiled function of a structure could be made to.
    this.#reader = undefined;
    try {
      return reader.value(bytes, bytes === this.#incoming ? this.#incomingView : viewOf(bytes), length, text, table);
    } finally {
      this.#reader = reader;
    }
  }
}

function writeWith(writer: Writer, value: object, table: Table, whole: boolean): Parts | Buffer | undefined {
  for (let round = 0; ; round += 1) {
    if (!writer.write(value, table)) return undefined;
    if (writer.own.length === 0) break;
    if (round >= MOST_ROUNDS || !table.share(writer.own)) break;
  }
  const header = writer.finish();
  const { text } = writer;
  if (!whole && writer.isSmall) return { header, text };
  return wholeOf(writer, header, text);
}

function wholeOf({ bytes, at }: Writer, header: number, text: string): Buffer {
  const isWide = /[\u0100-\uffff]/.test(text);
  const encoding = isWide ? 'utf16le' : 'latin1';
  const whole = Buffer.allocUnsafeSlow(HEADER_BYTES + at + text.length * (isWide ? 2 : 1));
  whole.writeUInt32LE(header + (isWide ? WIDE : 0));
  whole.set(bytes.subarray(0, at), HEADER_BYTES);
  whole.write(text, HEADER_BYTES + at, encoding);
  return whole;
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
