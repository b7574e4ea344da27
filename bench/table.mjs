// Keys, values and dictionaries to measure with, the same in every run.
import { createHash } from 'node:crypto';
import { SharedDict } from 'shmkit';

const made = [];

/**
 * `count` keys of 16 characters, whose order has nothing to do with their numbers. Each is one flat string, and they
 * lie in memory in their order: whoever goes through them in it waits for the table, not for the keys.
 */
export function keysOf(count, salt = 0) {
  return Array.from({ length: count }, (_, index) => {
    // A multiplication by an odd number permutes the 32-bit integers.
    const mixed = Math.imul(index + 1, 0x9e3779b1) >>> 0;
    const key = `k${String(salt).padStart(5, '0')}${String(mixed).padStart(10, '0')}`;
    return Buffer.from(key, 'latin1').toString('latin1');
  });
}

/** The 32 characters that are stored with a key. */
export function valueOf(key) {
  return createHash('md5').update(key).digest('hex');
}

/** A dictionary that `removeAll` removes. */
export function newDict(options) {
  const dict = SharedDict.create(`bench-${process.pid}-${made.length}`, { localCache: false, ...options });
  made.push(dict);
  return dict;
}

/** Closes what was made, and so removes it. */
export function removeAll() {
  for (const dict of made.splice(0)) dict.close();
}

/** A function that gives the keys in turn, for ever. */
export function inCycle(keys) {
  let next = 0;
  return () => {
    next = next + 1 === keys.length ? 0 : next + 1;
    return keys[next];
  };
}
