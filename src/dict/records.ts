// Plain data as records, whose objects name structures that all processes share. Most of the code is a file of its own.
import path from 'node:path';
import { Date, timeOf } from '../addon/intrinsics.js';
import { ShmError } from '../addon/errors.js';
import type { Records, TableMemory } from '../records/index.js';
import type { ObjectHandle } from '../object/handle.js';
import { encoded, encodedLength, outgoing, setRecord, takeText } from './fast-calls.js';
import { dict } from './native.js';
import { RECORD } from './value-kinds.js';

type Table = ReturnType<Records['table']>;

let loaded: Records | undefined;

/** Loads the file. A program that stores no objects never does. */
function records(): Records {
  if (loaded !== undefined) return loaded;
  const { Records } = require('../plain-data.js') as typeof import('../records/index.js');
  // A module refers to the one that loaded it first: this copy of the package could never be collected.
  delete require.cache[path.join(__dirname, 'plain-data.js')];
  return (loaded = new Records({ outgoing, incoming: encoded, timeOf, Date }));
}

/** The records of one handle. */
export class HandleRecords {
  readonly #handle: ObjectHandle;
  #table: Table | undefined;
  /** Whether the dictionary has structures: those that an earlier version made have none, and its programs read no records. */
  #hasTable: boolean | undefined;

  constructor(handle: ObjectHandle) {
    this.#handle = handle;
  }

  /** Stores a value under no condition. Returns false, with nothing done, if it is not plain. */
  store(key: string, value: object, ttl: number): boolean {
    const parts = this.#write(value, false);
    if (parts === undefined) return false;
    const { id } = this.#handle;
    if (Buffer.isBuffer(parts)) dict.set(id, key, parts, RECORD, ttl);
    else setRecord(id, key, parts.header, parts.text, ttl);
    return true;
  }

  /** Returns the bytes of a value, `undefined` if it is not plain. */
  encode(value: object): Buffer | undefined {
    return this.#write(value, true) as Buffer | undefined;
  }

  decode(bytes: Buffer): unknown {
    const isIncoming = bytes === encoded;
    try {
      return records().read(bytes, isIncoming ? encodedLength() : bytes.length, isIncoming ? takeText() : '', this.#known());
    } catch (cause) {
      if (cause instanceof ShmError) throw cause;
      throw new ShmError('ERR_SHM_CORRUPT', 'the bytes of the value are not a valid record', { cause });
    }
  }

  #write(value: object, whole: boolean): ReturnType<Records['write']> {
    // The write itself tells that the handle is closed.
    if (this.#handle.id === 0) return undefined;
    this.#hasTable ??= dict.structures(this.#handle.id, 0) !== undefined;
    return this.#hasTable ? records().write(value, this.#known(), whole) : undefined;
  }

  #known(): Table {
    return (this.#table ??= records().table(memoryOf(this.#handle)));
  }
}

function memoryOf(handle: ObjectHandle): TableMemory {
  return {
    read: (known) => dict.structures(handle.id, known) ?? Buffer.alloc(0),
    append: (expected, added, bytes) => dict.appendStructures(handle.id, expected, added, bytes),
    readOnly: handle.readOnly,
  };
}
