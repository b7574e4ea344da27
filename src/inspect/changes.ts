// Changes of entries, with --read-write.
import { openToWrite, using } from '../cli/dict.js';
import { Refused } from './answer.js';
import type { Write } from './routes.js';

export const deleteEntry: Write = ({ shell }, body) =>
  using(openToWrite(shell, stringOf(body, 'name')), (dict) => ({ removed: dict.delete(stringOf(body, 'key')) }));

/** Stores a value of a type that text can give; without a time, the entry keeps the one that it has. */
export const storeEntry: Write = ({ shell }, body) => {
  const value = valueOf(stringOf(body, 'type'), stringOf(body, 'text'));
  const { ttl } = body;
  if (ttl !== undefined && typeof ttl !== 'number') throw new Refused(400, 'ttl has to be a number of seconds');
  return using(openToWrite(shell, stringOf(body, 'name'), 'json'), (dict) => ({ stored: dict.set(stringOf(body, 'key'), value, ttl === undefined ? { keepTtl: true } : { ttl }) }));
};

function stringOf(body: Record<string, unknown>, name: string): string {
  const text = body[name];
  if (typeof text !== 'string') throw new Refused(400, `${name} has to be a string`);
  return text;
}

function valueOf(type: string, text: string): unknown {
  const isPossible = TYPES[type];
  if (isPossible === undefined) throw new Refused(400, `values of the type "${type}" cannot be stored from here`);
  try {
    return isPossible(text);
  } catch {
    throw new Refused(400, `this is no ${type}`);
  }
}

const TYPES: Record<string, (text: string) => unknown> = {
  string: (text) => text,
  number(text) {
    if (text.trim() === '' || Number.isNaN(Number(text))) throw new Error('no number');
    return Number(text);
  },
  bigint: BigInt,
  boolean(text) {
    if (text !== 'true' && text !== 'false') throw new Error('no boolean');
    return text === 'true';
  },
  json: (text) => JSON.parse(text) as unknown,
};
