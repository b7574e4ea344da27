import fs from 'node:fs';
import { open } from 'lmdb';

export const note = 'putSync, noSync, in /dev/shm; strings by its default encoding';

export function connect(folder) {
  const stores = [];
  return {
    table(name, count, bytes) {
      const path = `${folder}/lmdb-${name}.mdb`;
      const mapSize = Math.ceil(count * (128 + 2 * bytes)) + (64 << 20);
      const store = open({ path, mapSize, noSync: true, cache: false });
      stores.push(store);
      return {
        get: (key) => store.get(key),
        set: (key, value) => store.putSync(key, value),
        incr: (key) => store.transactionSync(() => store.putSync(key, store.get(key) + 1)),
        keys: () => [...store.getKeys()],
        fill: (pairs) =>
          store.transactionSync(() => {
            for (const [key, value] of pairs) store.putSync(key, value);
          }),
        bytes: () => fs.statSync(path).size,
      };
    },
    close: () => Promise.all(stores.map((store) => store.close())),
  };
}
