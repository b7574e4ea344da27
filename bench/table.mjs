// Keys, values and dictionaries for measurements, the same in every run.
import { createHash } from 'node:crypto';
import { SharedDict } from 'shmkit';

const made = [];

/**
 * Returns `count` keys of 16 characters, whose order does not depend on their numbers. Each is one flat string, and they
 * are in memory in order: a loop over them waits for the table, not for the keys.
 */
export function keysOf(count, salt = 0) {
  return Array.from({ length: count }, (_, index) => keyOf(index, salt));
}

/** Returns the key of a number. */
export function keyOf(index, salt = 0) {
  // A multiplication by an odd number permutes the 32-bit integers.
  const mixed = Math.imul(index + 1, 0x9e3779b1) >>> 0;
  return flat(`k${String(salt).padStart(5, '0')}${String(mixed).padStart(10, '0')}`);
}

/** Returns the 32 characters that are stored under a key. */
export function valueOf(key) {
  return createHash('md5').update(key).digest('hex');
}

/** Returns this many characters to be stored under a key. */
export function textOf(key, length) {
  return flat(valueOf(key).repeat(Math.ceil(length / 32)).slice(0, length));
}

// Concatenated strings are trees until they are first read, and that would be measured.
function flat(text) {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** Creates a dictionary without the local cache, which `removeAll` removes. */
export function newDict(options) {
  const dict = SharedDict.create(`bench-${process.pid}-${made.length}`, { localCache: false, ...options });
  made.push(dict);
  return dict;
}

/** Closes all dictionaries that were created here, which removes them. */
export function removeAll() {
  for (const dict of made.splice(0)) dict.close();
}

/** Returns a dictionary and a Map with the same contents. */
export function filled(keys, valueFor, options) {
  const dict = newDict(options);
  const map = new Map(keys.map((key, index) => [key, valueFor(key, index)]));
  for (const [key, value] of map) dict.set(key, value);
  return { dict, map };
}

/** Returns a seeded source of numbers from 0 to 1 (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
