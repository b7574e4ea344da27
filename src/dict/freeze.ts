// Freezes plain data.
import { types } from 'node:util';

const { freeze, getPrototypeOf } = Object;

/** Freezes a decoded value and everything in it. Returns false, with nothing frozen, if there is something that is not plain in it. */
export function deepFreeze(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const found = new Set<object>([value]);
  for (const object of found) {
    if (!isPlain(object)) return false;
    for (const item of Object.values(object)) {
      if (typeof item === 'object' && item !== null) found.add(item as object);
      else if (typeof item === 'function') return false;
    }
  }
  for (const object of found) freeze(object);
  return true;
}

function isPlain(object: object): boolean {
  const prototype = getPrototypeOf(object) as object | null;
  if (types.isProxy(object)) return false;
  if (Array.isArray(object)) return true;
  return prototype === null || (getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf'));
}
