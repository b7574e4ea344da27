import { createRequire } from 'node:module';
import fs from 'node:fs';

export const note = "a mapped region in /dev/shm, reads and writes without its full/empty tags";
export const isCompiled = true;

const ems = createRequire(import.meta.url)('ems')(1, false, 'user');

export function connect(folder, attach) {
  return {
    table(name, count, bytes) {
      const filename = `${folder}/ems-${name}`;
      const region = ems.new({
        dimensions: [2 * count],
        heapSize: 2 * count * (64 + 2 * bytes),
        useMap: true,
        useExisting: attach,
        persist: true,
        filename,
      });
      return {
        get: (key) => region.read(key),
        set: (key, value) => region.write(key, value),
        incr: (key) => region.faa(key, 1),
        keys: () => {
          const keys = [];
          for (let index = 0; index < 2 * count; index += 1) {
            const key = region.index2key(index);
            if (key !== undefined) keys.push(key);
          }
          return keys;
        },
        fill: (pairs) => {
          for (const [key, value] of pairs) region.write(key, value);
        },
        bytes: () => fs.statSync(filename).size,
      };
    },
    // The library's own bookkeeping, which it does not remove.
    close: () => fs.rmSync('/dev/shm/EMS_MainDomain', { force: true }),
  };
}
