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
  const read = TYPES.get(type);
  if (read === undefined) throw new Refused(400, `values of the type "${type}" cannot be stored from here`);
  try {
    return read(text);
  } catch {
    throw new Refused(400, `this is no ${type}`);
  }
}

function numberOf(text: string): number {
  if (text.trim() === '' || Number.isNaN(Number(text))) throw new Error('no number');
  return Number(text);
}

function bigintOf(text: string): bigint {
  if (text.trim() === '') throw new Error('no bigint');
  return BigInt(text);
}

function booleanOf(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new Error('no boolean');
  return text === 'true';
}

const TYPES: ReadonlyMap<string, (text: string) => unknown> = new Map<string, (text: string) => unknown>([
  ['string', (text) => text],
  ['number', numberOf],
  ['bigint', bigintOf],
  ['boolean', booleanOf],
  ['json', (text) => JSON.parse(text) as unknown],
]);
