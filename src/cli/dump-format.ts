// The lines of a dump: a header, one line for each entry, an end. Loses nothing: types, lists, times, keys that are no text.
import v8 from 'node:v8';
import type { Stored, StoredType } from './values.js';

export const DUMP_VERSION = 1;

export type JsonKey = string | { $utf16: string };

export interface Header {
  readonly shmkit: number;
  readonly name: string;
  readonly created: string;
  readonly size: number;
}

export interface EntryLine {
  readonly k: JsonKey;
  readonly v: unknown;
  readonly t: StoredType;
  /** The name of the user's codec, if `t` is `codec`. */
  readonly codec?: string;
  /** Seconds left; absent for an entry that never expires. */
  readonly ttl?: number;
}

export interface EndLine {
  readonly end: true;
  readonly entries: number;
}

/** Returns text as JSON can carry it: code units that are no text go as UTF-16. */
export function keyToJson(text: string): JsonKey {
  return /\p{Cs}/u.test(text) ? { $utf16: Buffer.from(text, 'utf16le').toString('base64') } : text;
}

/** Undoes `keyToJson`; `undefined` for anything else. */
export function keyOfJson(json: unknown): string | undefined {
  if (typeof json === 'string') return json;
  const units = (json as { $utf16?: unknown } | null)?.$utf16;
  return typeof units === 'string' ? Buffer.from(units, 'base64').toString('utf16le') : undefined;
}

/** Returns the line of an entry. */
export function lineOfEntry(key: string, stored: Stored): string {
  const { type, codec, ttl } = stored;
  const line: EntryLine = { k: keyToJson(key), v: encoded(stored), t: type, ...(codec !== undefined && { codec }), ...(ttl > 0 && { ttl }) };
  return JSON.stringify(line);
}

function encoded({ type, value }: Stored): unknown {
  switch (type) {
    case 'string':
      return keyToJson(value as string);
    case 'number':
      return numberToJson(value as number);
    case 'bigint':
      return String(value);
    case 'bytes':
    case 'codec':
      return bytesToJson(value as Uint8Array);
    case 'structured':
      return bytesToJson(v8.serialize(value));
    case 'list':
      return (value as unknown[]).map(itemToJson);
    default:
      return value;
  }
}

function itemToJson(item: unknown): unknown {
  if (typeof item === 'number') return numberToJson(item);
  return typeof item === 'string' ? keyToJson(item) : { $bytes: bytesToJson(item as Uint8Array) };
}

// What JSON has no number for goes under a name of its own, so that it stays apart from strings.
function numberToJson(number: number): number | { $number: string } {
  return Number.isFinite(number) && !Object.is(number, -0) ? number : { $number: Object.is(number, -0) ? '-0' : String(number) };
}

function bytesToJson(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
