// One peer in a process of its own: fills its tables, and measures on request.
import { keep, median } from '../measure.mjs';
import { keyOf, keysOf, randomFrom, textOf, valueOf } from '../table.mjs';

const SLICE = 100;
const MILLION = 1_000_000;
const KEYS = keysOf(10_000);
const ABSENT = keysOf(10_000, 1);
const TABLES = {
  numbers: { keys: KEYS, bytes: 8, valueFor: () => 0 },
  short: { keys: KEYS, bytes: 32, valueFor: valueOf },
  long: { keys: KEYS.slice(0, 1000), bytes: 1024, valueFor: (key) => textOf(key, 1024) },
  huge: { keys: KEYS.slice(0, 16), bytes: 65_536, valueFor: (key) => textOf(key, 65_536) },
};
const CASES = {
  'get, number': ['numbers', 'get', KEYS],
  'get, 32 B': ['short', 'get', KEYS],
  'get, 1 KiB': ['long', 'get', TABLES.long.keys],
  'get, 64 KiB': ['huge', 'get', TABLES.huge.keys],
  'get, missing': ['short', 'get', ABSENT],
  'set, 32 B': ['short', 'set', KEYS],
  'set, 1 KiB': ['long', 'set', TABLES.long.keys],
  'incr': ['numbers', 'incr', KEYS],
  'keys, 10,000': ['short', 'keys', []],
};

const [name] = process.argv.slice(2);
const peer = await import(`./peers/${name}.mjs`);
const tables = {};
let connection;

const tasks = {
  async prepare({ folder, attach }) {
    connection = peer.connect(folder, attach);
    for (const [title, { keys, bytes, valueFor }] of Object.entries(TABLES)) {
      tables[title] = connection.table(title, keys.length, bytes);
      if (attach) continue;
      await tables[title].fill(keys.map((key) => [key, valueFor(key)]));
      const wanted = valueFor(keys[3]);
      const found = await tables[title].get(keys[3]);
      if (String(found) !== String(wanted)) throw new Error(`${name} gives back ${found}, and ${wanted} was stored in ${title}`);
    }
  },

  /** Returns nanoseconds per call. */
  async measure({ title, milliseconds }) {
    const [table, call, keys] = CASES[title];
    const values = keys.map((key) => TABLES[table].valueFor(key));
    const run = (peer.isAsync ? ASYNC : SYNC)[call];
    const figures = [];
    const end = performance.now() + milliseconds;
    for (let at = 0; performance.now() < end || figures.length < 3; at = at + SLICE >= keys.length ? 0 : at + SLICE) {
      const [some, theirs] = [keys.slice(at, at + SLICE), values.slice(at, at + SLICE)];
      const start = performance.now();
      await run(tables[table], some, theirs);
      figures.push(((performance.now() - start) * 1e6) / (some.length || 1));
    }
    return median(figures);
  },

  /** Returns calls per second, 90 % get and 10 % set, at random. */
  async mix({ seed, milliseconds }) {
    const random = randomFrom(seed);
    const run = peer.isAsync ? mixAsync : mixSync;
    const order = Array.from({ length: 10_000 }, () => KEYS[Math.floor(random() * KEYS.length)]);
    const started = performance.now();
    let done = 0;
    while (performance.now() < started + milliseconds) {
      const at = done % order.length;
      await run(tables.short, order.slice(at, at + SLICE), valueOf(String(seed)));
      done += SLICE;
    }
    return (done / (performance.now() - started)) * 1000;
  },

  /** Returns bytes per entry, and milliseconds to list the keys, with a million of them. */
  async million() {
    const table = connection.table('million', MILLION, 32);
    await table.fill(millionPairs());
    const bytes = (await table.bytes()) / MILLION;
    const start = performance.now();
    const keys = await table.keys();
    const milliseconds = performance.now() - start;
    if (keys.length !== MILLION) throw new Error(`${name} lists ${keys.length} keys of a million`);
    return { bytes, milliseconds };
  },

  close: () => connection.close(),
};

function* millionPairs() {
  for (let number = 0; number < MILLION; number += 1) {
    const key = keyOf(number);
    yield [key, textOf(String(number % 1000), 32)];
  }
}

const SYNC = {
  get: (table, keys) => {
    for (const key of keys) keep(table.get(key));
  },
  set: (table, keys, values) => {
    for (let index = 0; index < keys.length; index += 1) keep(table.set(keys[index], values[index]));
  },
  incr: (table, keys) => {
    for (const key of keys) keep(table.incr(key));
  },
  keys: (table) => keep(table.keys()),
};
const ASYNC = {
  get: async (table, keys) => {
    for (const key of keys) keep(await table.get(key));
  },
  set: async (table, keys, values) => {
    for (let index = 0; index < keys.length; index += 1) keep(await table.set(keys[index], values[index]));
  },
  incr: async (table, keys) => {
    for (const key of keys) keep(await table.incr(key));
  },
  keys: async (table) => keep(await table.keys()),
};

function mixSync(table, keys, value) {
  for (let index = 0; index < keys.length; index += 1) {
    if (index % 10 === 0) table.set(keys[index], value);
    else keep(table.get(keys[index]));
  }
}

async function mixAsync(table, keys, value) {
  for (let index = 0; index < keys.length; index += 1) {
    if (index % 10 === 0) await table.set(keys[index], value);
    else keep(await table.get(keys[index]));
  }
}

process.on('message', async ({ task, ...rest }) => {
  try {
    process.send({ result: await tasks[task](rest) });
  } catch (error) {
    process.send({ error: error.message });
  }
});
process.send({ result: { note: peer.note, isPrivate: peer.isPrivate ?? false, cases: Object.keys(CASES) } });
