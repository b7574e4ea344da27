// Listing all keys as an array.
import { milliseconds } from '../measure.mjs';
import { atMost } from '../rows.mjs';
import { keysOf, newDict } from '../table.mjs';

export const title = 'getKeys(), and keys({ prefix })';

export async function run({ quick = false }) {
  const rows = [...list(10_000, 0.6, quick ? 11 : 101), prefixed(200_000, 50, quick ? 5 : 51)];
  return quick ? rows : [...rows, ...list(1_000_000, 180, 7)];
}

function list(count, most, times) {
  const keys = keysOf(count);
  const dict = newDict({ size: 200 * count + (1 << 20), maxEntries: count });
  const map = new Map();
  for (const key of keys) {
    dict.set(key, 1);
    map.set(key, 1);
  }
  const name = count.toLocaleString('en');
  // The garbage of one listing must not be collected while the next one is measured.
  const theirs = milliseconds(times, () => [...map.keys()].length, gc);
  const ours = milliseconds(times, () => dict.getKeys().length, gc);
  dict.close();
  return [{ name: `[...map.keys()], ${name}`, reached: theirs, unit: 'ms' }, atMost(`getKeys, ${name}`, ours, most, 'ms')];
}

/** Finds some keys by their prefix among others. */
function prefixed(count, found, times) {
  const dict = newDict({ size: 200 * count + (1 << 20), maxEntries: count });
  for (let number = 0; number < count; number += 1) dict.set(`${number % (count / found) === 0 ? 'user' : 'page'}:${number}`, number);
  const taken = milliseconds(times, () => [...dict.keys({ prefix: 'user:' })].length, gc);
  dict.close();
  return atMost(`keys({ prefix }) that finds ${found} of ${count.toLocaleString('en')}`, taken, 8, 'ms');
}

function gc() {
  globalThis.gc({ type: 'minor' });
}
