// Keys, values and dictionaries to measure with, the same in every run.
import { createHash } from 'node:crypto';
import { SharedDict } from 'shmkit';

const made = [];

/**
 * `count` keys of 16 characters, whose order has nothing to do with their numbers. Each is one flat string, and they
 * lie in memory in their order: whoever goes through them in it waits for the table, not for the keys.
 */
export function keysOf(count, salt = 0) {
  return Array.from({ length: count }, (_, index) => keyOf(index, salt));
}

/** The key of this number. */
export function keyOf(index, salt = 0) {
  // A multiplication by an odd number permutes the 32-bit integers.
  const mixed = Math.imul(index + 1, 0x9e3779b1) >>> 0;
  return flat(`k${String(salt).padStart(5, '0')}${String(mixed).padStart(10, '0')}`);
}

/** The 32 characters that are stored with a key. */
export function valueOf(key) {
  return createHash('md5').update(key).digest('hex');
}

/** So many characters that are stored with a key. */
export function textOf(key, length) {
  return flat(valueOf(key).repeat(Math.ceil(length / 32)).slice(0, length));
}

// Concatenated strings are trees until somebody reads them, which would be measured.
function flat(text) {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** A dictionary without the local cache, that `removeAll` removes. */
export function newDict(options) {
  const dict = SharedDict.create(`bench-${process.pid}-${made.length}`, { localCache: false, ...options });
  made.push(dict);
  return dict;
}

/** Closes what was made, and so removes it. */
export function removeAll() {
  for (const dict of made.splice(0)) dict.close();
}

/** A dictionary and a Map with the same contents. */
export function filled(keys, valueFor, options) {
  const dict = newDict(options);
  const map = new Map(keys.map((key, index) => [key, valueFor(key, index)]));
  for (const [key, value] of map) dict.set(key, value);
  return { dict, map };
}

/** A seeded source of numbers from 0 to 1 (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
