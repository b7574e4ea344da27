// Other ways to keep an object: text, V8's bytes, msgpackr's records, and lmdb with its default encoding and with shared structures.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import v8 from 'node:v8';
import { ensurePeers } from '../../scripts/setup/peers.mjs';

const require = createRequire(new URL('../compare/package.json', import.meta.url));
const FOLDER = `/dev/shm/shmkit-bench-${process.pid}`;

function load(name) {
  try {
    return require(name);
  } catch {
    ensurePeers();
    return require(name);
  }
}

/** Returns the peers by name: each takes keys and values, and returns `get` and `set` by index. */
export function peersOf() {
  const { Packr } = load('msgpackr');
  const lmdb = load('lmdb');
  let structures = [];
  const packr = () =>
    new Packr({
      getStructures: () => structures,
      saveStructures(saved) {
        structures = saved;
        return true;
      },
    });
  return {
    JSON: (keys, values) => encoded(keys, values, JSON.stringify, JSON.parse),
    v8: (keys, values) => encoded(keys, values, v8.serialize, v8.deserialize),
    msgpackr(keys, values) {
      const codec = packr();
      return encoded(keys, values, (value) => codec.pack(value), (bytes) => codec.unpack(bytes), Buffer.from);
    },
    lmdb: (keys, values) => stored(lmdb, 'default', {}, keys, values),
    'lmdb, shared structures': (keys, values) => stored(lmdb, 'shared', { sharedStructuresKey: Symbol.for('structures') }, keys, values),
  };
}

export function removePeers() {
  fs.rmSync(FOLDER, { recursive: true, force: true });
}

/** Encoded values in an array: without a store around them. `copy` makes bytes of their own. */
function encoded(keys, values, encode, decode, copy = (bytes) => bytes) {
  const kept = values.map((value) => copy(encode(value)));
  return { get: (index) => decode(kept[index]), set: (index) => encode(values[index]), close() {} };
}

let stores = 0;

function stored({ open }, name, options, keys, values) {
  fs.mkdirSync(FOLDER, { recursive: true });
  const path = `${FOLDER}/${name}-${(stores += 1)}.mdb`;
  const store = open({ path, mapSize: 256 << 20, noSync: true, cache: false, ...options });
  const set = (index) => store.putSync(keys[index], values[index]);
  for (const index of keys.keys()) set(index);
  return { get: (index) => store.get(keys[index]), set, close: () => store.close() };
}
