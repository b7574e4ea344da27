// Several keys in one call, each of them atomic by itself.
import { checkIterable, checkKey } from './check.js';
import { wrongType, wrongValue } from './errors.js';
import type { Handle } from './handle.js';
import { native } from './native.js';
import { IF_VERSION, writeOptions } from './ttl.js';
import { dataOf, kindOf, valueOf } from './values.js';

/** The keys that exist, with their values. */
export function getMany<V>(handle: Handle, keys: unknown): Map<string, V> {
  const found = new Map<string, V>();
  for (const key of checkedKeys(keys)) {
    const value = valueOf(native.get(handle.id, key), handle.codec);
    if (value !== undefined) found.set(key, value as V);
  }
  return found;
}

/** How many were stored. What it throws says how many were stored before. */
export function setMany(handle: Handle, entries: unknown, ttlArgument: unknown): number {
  const { ttl, condition } = writeOptions(ttlArgument);
  if (condition === IF_VERSION) throw wrongValue('options.ifVersion', 'is of one key only', ttlArgument);
  let count = 0;
  try {
    for (const entry of checkIterable<unknown>('entries', entries)) {
      if (!Array.isArray(entry)) throw wrongType('entries', 'an iterable of [key, value] pairs', entry);
      const [key, value] = entry as [string, unknown];
      const kind = kindOf(value, handle.codec);
      const data = dataOf(value, kind, handle.codec);
      if (native.set(handle.id, key, data, kind, ttl, condition, undefined)) count += 1;
    }
  } catch (error) {
    throw error instanceof Error ? Object.assign(error, { count }) : error;
  }
  return count;
}

/** How many existed. */
export function deleteMany(handle: Handle, keys: unknown): number {
  let count = 0;
  for (const key of checkedKeys(keys)) {
    if (native.delete(handle.id, key, undefined)) count += 1;
  }
  return count;
}

// All of them, before the first is used: a wrong one among them changes nothing.
function checkedKeys(keys: unknown): string[] {
  return Array.from(checkIterable('keys', keys), checkKey);
}
