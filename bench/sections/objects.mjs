// Objects: what `get` and `set` of each encoding take, next to JSON, V8's serializer, msgpackr and lmdb in the same run.
import { peersOf, removePeers } from '../objects/peers.mjs';
import { buffers, large, numbers, session, small } from '../objects/values.mjs';
import { inTurn, keep } from '../measure.mjs';
import { atMost } from '../rows.mjs';
import { keysOf, newDict } from '../table.mjs';

export const title = 'Objects; session: 10,000 keys of some 370 bytes of JSON, without the local cache';

const VALUES = [
  ['session', session, 10_000],
  ['small', small, 10_000],
  ['large', large, 20],
  ['1,000 numbers', numbers, 200],
  ['Map of Buffers', buffers, 1000],
];
const OURS = { shmkit: {}, 'shmkit, json': { codec: 'json' } };
/** Peers that cannot keep a Map of Buffers without a loss. */
const LOSSY = new Set(['JSON', 'msgpackr', 'lmdb', 'lmdb, shared structures', 'shmkit, json']);

export async function run(options) {
  const rows = [];
  try {
    for (const [name, make, count] of VALUES) rows.push(...(await ofValue(name, make, count, options)));
    rows.push(...(await repeated(options)), ...(await loads(options)), sizeRow());
  } finally {
    removePeers();
  }
  return rows;
}

async function ofValue(name, make, count, options) {
  const keys = keysOf(count);
  const values = keys.map((_, index) => make(index));
  const stores = Object.entries({ ...peersOf(), ...Object.fromEntries(Object.entries(OURS).map(([form, own]) => [form, () => openOurs(own, keys, values)])) })
    .filter(([form]) => name !== 'Map of Buffers' || !LOSSY.has(form))
    .map(([form, open]) => [form, open(keys, values)]);
  const calls = Math.min(count, 1000);
  const rows = [];
  for (const call of ['get', 'set']) {
    let turn = 0;
    const functions = stores.map(([form, store]) => {
      const loop = () => {
        const from = (turn += calls) % count;
        for (let index = 0; index < calls; index += 1) keep(store[call]((from + index) % count));
      };
      return [`${call} ${name}, ${form}`, loop];
    });
    const figures = await inTurn(calls, Object.fromEntries(functions), options);
    rows.push(...figures.rows());
    if (name === 'session') rows.push(...goals(call, figures));
  }
  for (const [, store] of stores) store.close();
  return rows;
}

function goals(call, figures) {
  const ratio = (own, other) => figures.ratio(`${call} session, ${own}`, `${call} session, ${other}`);
  const json = call === 'get' ? 'JSON.parse' : 'JSON.stringify';
  const [ofJson, ofLmdb] = call === 'get' ? [0.6, 0.75] : [1.15, 0.3];
  return [
    atMost(`${call} of a session`, ratio('shmkit', 'JSON'), ofJson, `x ${json}`),
    atMost(`${call} of a session, lmdb`, ratio('shmkit', 'lmdb, shared structures'), ofLmdb, 'x lmdb, shared'),
    atMost(`${call} of a session, codec json`, ratio('shmkit, json', 'JSON'), 1.15, `x ${json}`),
  ];
}

function openOurs(options, keys, values) {
  const dict = newDict({ size: '32mb', maxEntries: 12_000, ...options });
  for (const [index, key] of keys.entries()) dict.set(key, values[index]);
  return { get: (index) => dict.get(keys[index]), set: (index) => dict.set(keys[index], values[index]), close: () => dict.close() };
}

/** Each call has a loop of its own, as in a program: a method that is looked up by a variable costs more than the read. */
const READS = {
  get: {
    one: (dict, key) => dict.get(key),
    all: (dict, loop) => {
      for (const key of loop) keep(dict.get(key));
    },
  },
  getFrozen: {
    one: (dict, key) => dict.getFrozen(key),
    all: (dict, loop) => {
      for (const key of loop) keep(dict.getFrozen(key));
    },
  },
};

/** Repeated reads that the local cache answers. */
async function repeated(options) {
  const keys = keysOf(100);
  const loop = Array.from({ length: 5000 }, (_, index) => keys[index % keys.length]);
  const cases = [
    ['getFrozen', session, undefined, 3],
    ['getFrozen with a TTL', session, 1000, 4],
    ['get of a number with a TTL', (index) => index + 0.5, 1000, 4],
    ['get of 32 B with a TTL', (index) => String(index).padStart(32), 1000, 4],
    ['get of 64 KiB with a TTL', (index) => String(index).padStart(65_536), 1000, 4],
  ];
  const rows = [];
  for (const [name, make, ttl, most] of cases) {
    const dict = newDict({ size: '16mb', localCache: true });
    for (const [index, key] of keys.entries()) dict.set(key, make(index), ttl);
    const { one, all } = name.startsWith('getFrozen') ? READS.getFrozen : READS.get;
    const map = new Map(keys.map((key) => [key, one(dict, key)]));
    const functions = {
      [`Map.get for ${name}`]: () => {
        for (const key of loop) keep(map.get(key));
      },
      [name]: () => all(dict, loop),
    };
    const figures = await inTurn(loop.length, functions, options);
    rows.push(...figures.rows(), atMost(`repeated ${name}`, figures.ratio(name, `Map.get for ${name}`), most, 'x Map.get'));
    dict.close();
  }
  return rows;
}

function loaded() {
  return 'loaded';
}

/** `getOrSet` of values that are there. */
async function loads(options) {
  const keys = keysOf(100);
  const dict = newDict({ size: '16mb', localCache: true });
  for (const key of keys) dict.set(key, 'x'.repeat(32), 1000);
  const get = async (key) => dict.get(key);
  const functions = {
    'async function that calls get': async () => {
      for (const key of keys) keep(await get(key));
    },
    'getOrSet, hit': async () => {
      for (const key of keys) keep(await dict.getOrSet(key, loaded, 1000));
    },
  };
  const figures = await inTurn(keys.length, functions, options);
  dict.close();
  return [...figures.rows(), atMost('getOrSet of a hit', figures.ratio('getOrSet, hit', 'async function that calls get'), 1.3, 'x async get')];
}

/** The bytes that a session takes in the segment, its key and all overheads included. */
function sizeRow() {
  const dict = newDict({ size: '4mb' });
  for (let index = 0; index < 100; index += 1) dict.set(`s${index}`, session(index));
  const ratio = dict.sizeOf('s50') / JSON.stringify(session(50)).length;
  dict.close();
  return atMost('size of a session in the segment', ratio, 0.5, 'x its JSON');
}
