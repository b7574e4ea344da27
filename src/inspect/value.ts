// One value as text. Whatever it is, the page gets text of a limited length.
import type { Dict } from '../cli/api.js';
import { toJson } from '../cli/json.js';
import { type Stored, ValueReader } from '../cli/values.js';
import { Refused } from './answer.js';
import { keyOf, textOf } from './parameters.js';
import type { Read } from './routes.js';

/** Decoding and writing an object that takes more takes long. */
const MOST_BYTES = 8 * 1024 * 1024;
const MOST_CHARACTERS = 64 * 1024;
const MOST_HEX = 4 * 1024;

export const showValue: Read = ({ shell }, parameters) => {
  const [name, key] = [textOf(parameters, 'name'), keyOf(parameters, 'key')];
  const reader = new ValueReader(shell, name);
  try {
    const size = reader.dict.sizeOf(key);
    const stored = size !== undefined && size <= MOST_BYTES ? reader.read(key) : undefined;
    if (stored !== undefined) return { key, size, ...shown(stored) };
    return { key, ...large(reader.dict, key) };
  } finally {
    reader.close();
  }
};

function large(dict: Dict, key: string): object {
  const [type, size, ttl] = [dict.type(key), dict.sizeOf(key), dict.ttl(key)];
  if (type === undefined || size === undefined) throw new Refused(404, 'the key is gone');
  return { type, size, ttl, note: 'too large for this page: use shmkit get' };
}

function shown(stored: Stored): object {
  const { type, codec, ttl, version } = stored;
  return { type, codec, ttl, version, ...textFor(stored) };
}

function textFor({ type, value }: Stored): object {
  if (type === 'structured' && value === undefined) return { note: "not decoded: the dictionary is another user's" };
  if (value instanceof Uint8Array) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, Math.min(value.length, MOST_HEX));
    return { text: (bytes.toString('hex').match(/.{1,32}/g) ?? []).join('\n'), isCut: value.length > MOST_HEX, isHex: true };
  }
  const text = typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(toJson(value), null, 2) : String(value);
  return { text: text.slice(0, MOST_CHARACTERS), isCut: text.length > MOST_CHARACTERS };
}
