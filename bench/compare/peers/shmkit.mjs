import path from 'node:path';
// Imported by its path, because the nearest package.json is that of the comparison.
import { SharedDict } from '../../../index.js';

export const note = 'default options';

export function connect(folder, attach) {
  return connectWith({}, 'cached', folder, attach);
}

const LEAST = 16 << 20;

/** Returns the peer with these handle options. */
export function connectWith(options, mark, folder, attach) {
  const dicts = [];
  return {
    table(name, count, bytes) {
      const full = `${path.basename(folder)}-${mark}-${name}`;
      // Smaller dictionaries have pages of 2 KiB, which hold values of 1 KiB in two blocks.
      const size = Math.max(LEAST, Math.ceil(count * (64 + 1.3 * bytes)) + (1 << 20));
      const dict = attach ? SharedDict.open(full, options) : SharedDict.create(full, { size, maxEntries: count, ...options });
      dicts.push(dict);
      return {
        get: (key) => dict.get(key),
        set: (key, value) => dict.set(key, value),
        incr: (key) => dict.incr(key, 1),
        keys: () => dict.getKeys(),
        fill: (pairs) => {
          for (const [key, value] of pairs) dict.set(key, value);
        },
        bytes: () => {
          const stats = dict.stats();
          return stats.size - stats.free;
        },
      };
    },
    close: () => {
      for (const dict of dicts) dict.close();
    },
  };
}
