// Reads the lines of a dump and checks them: a header, entries, and an end that says how many there were.
import v8 from 'node:v8';
import { DUMP_VERSION, type Header, keyOfJson } from './dump-format.js';
import { EXIT, Failure } from './failure.js';
import type { StoredType } from './values.js';

/** An entry to be stored. */
export interface Loaded {
  readonly key: string;
  readonly type: StoredType;
  readonly value: unknown;
  readonly codec?: string;
  /** 0: never expires. */
  readonly ttl: number;
}

interface Options {
  /** Lets V8 decode the bytes of structured values. */
  readonly structured: boolean;
}

const TYPES = new Set<unknown>(['string', 'number', 'bigint', 'boolean', 'null', 'bytes', 'json', 'structured', 'list', 'codec']);

/** Calls `store` for each entry; returns how many there were. Fails for anything but a whole dump. */
export async function readDump(lines: AsyncIterable<string>, { structured }: Options, start: (header: Header) => void, store: (entry: Loaded) => void): Promise<number> {
  let number = 0;
  let entries = 0;
  let isWhole = false;
  for await (const text of lines) {
    number += 1;
    const line = parsed(text, number);
    if (isWhole) throw broken(number, 'there is more after the end');
    if (number === 1) start(headerOf(line));
    else if (line['end'] === true) {
      if (line['entries'] !== entries) throw broken(number, `the end speaks of ${String(line['entries'])} entries, and there were ${entries}`);
      isWhole = true;
    } else {
      store(entryOf(line, number, structured));
      entries += 1;
    }
  }
  if (!isWhole) throw new Failure(EXIT.damaged, `the dump is cut off: it has no last line (after ${entries} entries)`);
  return entries;
}

type Line = Record<string, unknown>;

function parsed(text: string, number: number): Line {
  try {
    const line = JSON.parse(text) as unknown;
    if (typeof line === 'object' && line !== null && !Array.isArray(line)) return line as Line;
  } catch {
    // Reported below, without the text of the dump.
  }
  throw broken(number, 'it is no JSON object, as if the dump had been cut off there');
}

function headerOf(line: Line): Header {
  if (line['shmkit'] === DUMP_VERSION) return line as unknown as Header;
  throw broken(1, typeof line['shmkit'] === 'number' ? `the dump has version ${line['shmkit']}, and this command reads version ${DUMP_VERSION}` : 'this is no dump of shmkit');
}

function entryOf(line: Line, number: number, structured: boolean): Loaded {
  const { k, v, t, codec, ttl = 0 } = line;
  const key = keyOfJson(k);
  if (key === undefined || !TYPES.has(t)) throw broken(number, 'it is no entry');
  if (typeof ttl !== 'number' || !(ttl >= 0)) throw broken(number, 'its ttl is no time');
  if (t === 'codec' && typeof codec !== 'string') throw broken(number, 'it names no codec');
  if (t === 'structured' && !structured) {
    throw new Failure(EXIT.damaged, `line ${number} has an object in V8's own format, which is not safe to decode for a dump that others could have written: --structured allows it`);
  }
  return { key, type: t as StoredType, value: decoded(t as StoredType, v, number), ...(typeof codec === 'string' && { codec }), ttl };
}

function decoded(type: StoredType, json: unknown, number: number): unknown {
  const value = decodedOrUndefined(type, json);
  if (value === undefined) throw broken(number, `its value is no ${type}`);
  return value;
}

function decodedOrUndefined(type: StoredType, json: unknown): unknown {
  switch (type) {
    case 'string':
      return keyOfJson(json);
    case 'number':
      return numberOfJson(json);
    case 'bigint':
      return typeof json === 'string' && /^-?\d+$/.test(json) ? BigInt(json) : undefined;
    case 'boolean':
      return typeof json === 'boolean' ? json : undefined;
    case 'null':
      return json;
    case 'bytes':
    case 'codec':
      return bytesOfJson(json);
    case 'structured': {
      const bytes = bytesOfJson(json);
      return bytes && (v8.deserialize(bytes) as unknown);
    }
    case 'list':
      return listOfJson(json);
    default:
      return json;
  }
}

function listOfJson(json: unknown): unknown[] | undefined {
  if (!Array.isArray(json) || json.length === 0) return undefined;
  const items = json.map((item: unknown) => numberOfJson(item) ?? keyOfJson(item) ?? bytesOfJson((item as { $bytes?: unknown } | null)?.$bytes));
  return items.includes(undefined) ? undefined : items;
}

function numberOfJson(json: unknown): number | undefined {
  if (typeof json === 'number') return json;
  const text = (json as { $number?: unknown } | null)?.$number;
  return typeof text === 'string' ? Number(text) : undefined;
}

function bytesOfJson(json: unknown): Buffer | undefined {
  return typeof json === 'string' ? Buffer.from(json, 'base64') : undefined;
}

function broken(number: number, what: string): Failure {
  return new Failure(EXIT.damaged, `line ${number} of the dump is broken: ${what}`);
}
