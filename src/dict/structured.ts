// Objects in the format of structured clone, as V8 writes and reads it, except for typed arrays and DataViews.
//
// V8 would write the whole buffer of each, and Node's own serializer only the bytes of the view, each time anew. Here a
// view of a whole buffer is written with that buffer, and a part of a buffer goes, with the parts that other views of the
// same buffer show, into a table after the value: never a byte that no view shows. Either way a buffer is written once,
// and views that shared it share it again.
import { types } from 'node:util';
import { isError, ShmError, wrongType } from '../addon/errors.js';
import { ArrayBuffer, Uint8Array } from '../addon/intrinsics.js';
import { v8 } from '../addon/lazy.js';
import { BufferParts, partOf, readParts, type StoredParts } from './buffer-parts.js';
import { HOLLOW, MALFORMED } from './value-kinds.js';
import { makeView, rangeOf } from './views.js';

/** Types of views in the format: below the first, as Node's own serializer writes them. */
const WHOLE = 64;
const PART = 128;
/** The first byte if buffers of the table also occur by themselves. The format's own first byte is 0xFF. */
const SHARES_BUFFERS = 0;
/** How V8 begins a reference to an object that it has written before. */
const REFERENCE = '^'.charCodeAt(0);
/** How V8 writes an object without properties. */
const EMPTY_OBJECT = Buffer.of('o'.charCodeAt(0), '{'.charCodeAt(0), 0);

type V8 = typeof import('node:v8');
type Serializer = InstanceType<V8['DefaultSerializer']>;
type Deserializer = InstanceType<V8['DefaultDeserializer']>;

/** Writes views through `parts`, which it makes for the first part of a buffer. */
interface Writer extends Serializer {
  parts: BufferParts | undefined;
}

/** Reads views of the parts that `takeParts` returns. */
interface Reader extends Deserializer {
  takeParts: () => StoredParts;
}

let writerClass: (new () => Writer) | undefined;
let readerClass: (new (bytes: Uint8Array) => Reader) | undefined;

function makeWriter(): Writer {
  writerClass ??= class extends v8().DefaultSerializer {
    parts: BufferParts | undefined = undefined;

    _writeHostObject(view: ArrayBufferView): void {
      if (!ArrayBuffer.isView(view)) throw wrongType('value', 'a value that can be cloned', view);
      const range = rangeOf(view);
      const { kind, buffer, offset, length } = range;
      if (length === buffer.byteLength && !types.isSharedArrayBuffer(buffer)) {
        this.writeUint32(WHOLE + kind);
        this.writeValue(buffer);
        return;
      }
      this.parts ??= new BufferParts();
      this.writeUint32(PART + kind);
      this.writeUint32(this.parts.add(range));
      this.writeLong(offset);
      this.writeLong(length);
    }

    writeLong(number: number): void {
      this.writeUint64(Math.floor(number / 2 ** 32), number % 2 ** 32);
    }
  } as unknown as new () => Writer;
  try {
    return new writerClass();
  } catch (cause) {
    // Runtimes of other engines have the class, and throw this when it is used.
    if ((cause as Error).name !== 'NotImplementedError') throw cause;
    throw new ShmError('ERR_SHM_UNSUPPORTED', 'this runtime can store only plain data, strings, numbers and bytes: it lacks the serializer of V8', { cause });
  }
}

/** Returns the bytes of a value. Functions, symbols and what only the runtime can make are refused. */
export function encodeStructured(value: object): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = write(value, new Set());
  } catch (error) {
    throw isRefusal(error) ? wrongType('value', `a value that can be cloned (${(error as Error).message})`, value) : error;
  }
  // Objects of the runtime that V8 takes for plain ones come out empty.
  if (Buffer.prototype.includes.call(bytes, EMPTY_OBJECT)) checkEmptyObjects(value, new Set());
  return bytes;
}

/** `shared` are buffers that occur in the value by themselves, and of which views show parts. */
function write(value: object, shared: Set<ArrayBuffer>): Uint8Array {
  const writer = makeWriter();
  if (shared.size > 0) {
    writer.parts = new BufferParts(shared);
    for (const [index, buffer] of [...shared].entries()) writer.transferArrayBuffer(index, buffer);
  }
  writer.writeHeader();
  writer.writeValue(value);
  const bytes = writer.releaseBuffer();
  const { parts } = writer;
  if (parts === undefined) return bytes;
  if (shared.size > 0) return Buffer.concat([Buffer.of(SHARES_BUFFERS), bytes, ...parts.written()]);
  const found = parts.buffers().filter((buffer) => wasWritten(writer, buffer));
  return found.length > 0 ? write(value, new Set(found)) : Buffer.concat([bytes, ...parts.written()]);
}

/** Returns whether a buffer occurred by itself: then the serializer knows it. Writes no bytes of it. */
function wasWritten(writer: Writer, buffer: ArrayBuffer): boolean {
  writer.transferArrayBuffer(0, buffer);
  writer.writeValue(buffer);
  return writer.releaseBuffer()[0] === REFERENCE;
}

// V8 refuses functions, symbols and the like with a plain Error. Any other error comes from a getter.
function isRefusal(error: unknown): boolean {
  if (!isError(error)) return false;
  return error.name === 'DataCloneError' || /could not be cloned|unserializable|detached arraybuffer/i.test(error.message);
}

/** Refuses objects without properties that have a class with a name of its own, such as a `Blob` or a `URL`. */
function checkEmptyObjects(value: unknown, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value) || ArrayBuffer.isView(value)) return;
  seen.add(value);
  const title = Object.prototype.toString.call(value);
  const items = types.isMap(value) ? [...value].flat() : types.isSet(value) ? [...value] : Object.values(value);
  if (items.length === 0 && !CLONED.has(title)) throw wrongType('value', `a value that can be cloned (${title} could not be)`, value);
  for (const item of items) checkEmptyObjects(item, seen);
}

/** Objects that structured clone takes, and that may have no properties. */
const CLONED = new Set(
  ['Object', 'Array', 'Map', 'Set', 'Date', 'RegExp', 'Error', 'Boolean', 'Number', 'String', 'BigInt', 'ArrayBuffer'].map((name) => `[object ${name}]`),
);

function makeReader(bytes: Uint8Array): Reader {
  readerClass ??= class extends v8().DefaultDeserializer {
    takeParts = (): StoredParts => new Map();

    _readHostObject(): ArrayBufferView {
      const type = this.readUint32();
      if (type >= PART) return this.readPart(type - PART);
      if (type >= WHOLE) return makeView(type - WHOLE, this.readValue() as ArrayBuffer);
      const raw = this.readRawBytes(this.readUint32());
      return makeView(type, new Uint8Array(raw).buffer);
    }

    readPart(kind: number): ArrayBufferView {
      const index = this.readUint32();
      const [offset, length] = [this.readLong(), this.readLong()];
      const part = partOf(this.takeParts().get(index) ?? [], offset, offset + length);
      if (part === undefined) throw new Error('a view of a buffer that is not there');
      return makeView(kind, part.memory, offset - part.first, length);
    }

    readLong(): number {
      const [high, low] = this.readUint64();
      return high * 2 ** 32 + low;
    }
  } as unknown as new (bytes: Uint8Array) => Reader;
  return new readerClass(bytes);
}

/** Returns the value of bytes; `verdict` is what the addon found in them. */
export function decodeStructured(bytes: Buffer, verdict: number): unknown {
  if (verdict === HOLLOW) throw new ShmError('ERR_SHM_UNSUPPORTED', 'the value has an array with far more elements than the value has bytes');
  try {
    return read(bytes);
  } catch (cause) {
    if (cause instanceof ShmError) throw cause;
    if (verdict === MALFORMED) throw new ShmError('ERR_SHM_CORRUPT', 'the bytes of the value are not valid structured-clone data', { cause });
    const message = `Node.js ${process.version} cannot read the value, which another version of Node.js or another JavaScript engine wrote`;
    throw new ShmError('ERR_SHM_UNSUPPORTED', message, { cause });
  }
}

function read(bytes: Buffer): unknown {
  const shares = bytes[0] === SHARES_BUFFERS;
  const reader = makeReader(shares ? bytes.subarray(1) : bytes);
  let parts: StoredParts | undefined;
  reader.takeParts = () => (parts ??= readParts(bytes));
  if (shares) for (const [index, [part]] of reader.takeParts()) if (part !== undefined) reader.transferArrayBuffer(index, part.memory);
  reader.readHeader();
  return reader.readValue();
}
