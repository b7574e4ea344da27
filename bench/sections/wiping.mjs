// What `wipe` costs: the same calls on dictionaries and rings with and without it.
import { SharedRing } from 'shmkit';
import { against, keep } from '../measure.mjs';
import { filled, keysOf, textOf } from '../table.mjs';

const KEYS = keysOf(1000);
const SIZES = [32, 1024, 16_384];
const MESSAGES = Array.from({ length: 50 }, () => Buffer.alloc(1024));

export const title = 'With wipe, relative to the same calls without it; 1,000 keys, messages of 1 KiB';

export async function run(options) {
  const rows = [];
  for (const size of SIZES) {
    const value = (key) => textOf(key, size);
    const [plain, wiping] = [false, true].map((wipe) => filled(KEYS, value, { size: '64mb', maxEntries: KEYS.length, wipe }).dict);
    const values = KEYS.map(value);
    const setAll = (dict) => () => {
      for (let index = 0; index < KEYS.length; index += 1) keep(dict.set(KEYS[index], values[index]));
    };
    const replaceAll = (dict) => () => {
      for (let index = 0; index < KEYS.length; index += 1) {
        keep(dict.delete(KEYS[index]));
        keep(dict.set(KEYS[index], values[index]));
      }
    };
    rows.push(...(await against(`set, ${size} B`, KEYS.length, undefined, { floor: setAll(plain), ours: setAll(wiping) }, options)));
    rows.push(...(await against(`delete and set, ${size} B`, KEYS.length, undefined, { floor: replaceAll(plain), ours: replaceAll(wiping) }, options)));
  }
  const [plain, wiping] = [false, true].map((wipe) => SharedRing.create(`bench-wipe-${process.pid}-${wipe}`, { size: '1mb', wipe }));
  const pass = (ring) => () => {
    keep(ring.trySendMany(MESSAGES));
    keep(ring.tryReceiveMany(MESSAGES.length));
  };
  rows.push(...(await against('send and receive, 1 KiB', MESSAGES.length, undefined, { floor: pass(plain), ours: pass(wiping) }, options)));
  plain.close();
  wiping.close();
  return rows;
}
