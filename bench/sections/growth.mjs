// Dictionaries that grow, beside fixed ones of the right size in the same run: what they take, what calls cost, and how long the
// longest `set` is while one grows.
import { inTurn, keep, median } from '../measure.mjs';
import { atLeast, atMost } from '../rows.mjs';
import { keyOf, keysOf, newDict, randomFrom, textOf, valueOf } from '../table.mjs';
import { curvesOf } from './growth/curves.mjs';

const MIB = 2 ** 20;
const YOUNG = { maxSize: '1gb' };
/** Sizes of mixed values: as many between 16 and 32 bytes as between 2 and 4 KiB. */
const [SMALLEST, LARGEST] = [16, 4096];
const COUNT = 100_000;
const RATE = 100_000;

export const title = 'Dictionaries that grow, beside fixed ones';

export async function run(options) {
  return [
    ...creation(),
    ...mixedOf(1000, (taken) => atMost('taken by 1,000 mixed entries', taken / MIB, 3, 'MiB')),
    ...mixedOf(10_000, (taken, stored) => atMost('taken by 10,000 mixed entries', taken / stored, 2, 'x stored')),
    ...equalOf(10_000, 100),
    ...perEntry(),
    ...untilFull(),
    ...(await calls(options)),
    ...curvesOf(options),
    ...(await churn(options)),
  ];
}

function creation() {
  const [taken, times] = [[], []];
  for (let time = 0; time < 15; time += 1) {
    const start = performance.now();
    const dict = newDict(YOUNG);
    times.push(performance.now() - start);
    taken.push(dict.stats().size);
    dict.close();
  }
  return [
    atMost('create with maxSize 1gb: taken', median(taken) / MIB, 2, 'MiB'),
    atMost('create with maxSize 1gb', median(times), 2, 'ms'),
  ];
}

/** Yields keys, and values whose sizes are like those of objects in a cache. */
function* mixed(count) {
  const random = randomFrom(count);
  for (let index = 0; index < count; index += 1) {
    const key = keyOf(index);
    yield [key, textOf(key, Math.round(SMALLEST * (LARGEST / SMALLEST) ** random()))];
  }
}

function mixedOf(count, rowOf) {
  const dict = newDict(YOUNG);
  let stored = 0;
  for (const [key, value] of mixed(count)) {
    dict.set(key, value);
    stored += key.length + value.length;
  }
  const { size } = dict.stats();
  dict.close();
  return [rowOf(size, stored)];
}

function equalOf(count, bytes) {
  const dict = newDict(YOUNG);
  for (const key of keysOf(count)) dict.set(key, textOf(key, bytes));
  const { size } = dict.stats();
  dict.close();
  return [atMost(`taken by ${count.toLocaleString('en')} entries of ${bytes} B`, size / MIB, 8, 'MiB')];
}

function perEntry() {
  const dict = newDict(YOUNG);
  const value = valueOf('growth');
  let [atMillion, most] = [0, 0];
  for (let count = 1; count <= 2e6; count += 1) {
    dict.set(keyOf(count), value);
    if (count < 5e5 || count % 1000 > 0) continue;
    const each = dict.stats().size / count;
    if (count === 1e6) atMillion = each;
    most = Math.max(most, each);
  }
  dict.close();
  return [
    atMost('16 B + 32 B entries: taken at 1,000,000', atMillion, 95, 'B each'),
    atMost('the same: most from 500,000 to 2,000,000', most, 104, 'B each'),
  ];
}

function untilFull() {
  const dict = newDict({ maxSize: 64 * MIB });
  let stored = 0;
  try {
    for (const [key, value] of mixed(1e6)) {
      dict.set(key, value);
      stored += key.length + value.length;
    }
  } catch (error) {
    if (error.code !== 'ERR_SHM_FULL') throw error;
  }
  const { size } = dict.stats();
  dict.close();
  return [atLeast('mixed entries until full: keys and values', (100 * stored) / size, 75, '% of taken')];
}

async function calls(options) {
  const keys = keysOf(COUNT);
  const [grown, fixed] = [newDict(YOUNG), newDict({ size: COUNT * 120 + 4 * MIB, maxEntries: COUNT })];
  const counters = keysOf(100, 1);
  for (const dict of [grown, fixed]) {
    for (const key of keys) dict.set(key, valueOf(key));
    for (const key of counters) dict.set(key, 1);
  }
  const some = keys.slice(0, 1000);
  const loops = {
    get: (dict) => () => {
      for (const key of some) keep(dict.get(key));
    },
    set: (dict) => () => {
      for (const key of some) keep(dict.set(key, key));
    },
    incr: (dict) => () => {
      for (const key of counters) keep(dict.incr(key));
    },
  };
  const rows = [];
  for (const [name, loop] of Object.entries(loops)) {
    const figures = await inTurn(name === 'incr' ? counters.length : some.length, { fixed: loop(fixed), grown: loop(grown) }, options);
    rows.push({ name: `${name}, fixed`, reached: figures.of('fixed'), unit: 'ns' });
    rows.push(atMost(`${name}, grown`, figures.ratio('grown', 'fixed'), 1.05, 'x fixed'));
  }
  grown.close();
  fixed.close();
  return rows;
}

/** Entries that come and go at a steady rate: what has expired makes room before more memory is taken. */
async function churn({ quick }) {
  const dict = newDict(YOUNG);
  const value = valueOf('churn');
  const seconds = quick ? 6 : 60;
  const start = performance.now();
  let count = 0;
  for (let now = 0; now < seconds * 1000; now = performance.now() - start) {
    for (const due = (now / 1000) * RATE; count < due; count += 1) dict.set(keyOf(count), value, { ttl: 1 });
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  const { size } = dict.stats();
  dict.close();
  const live = RATE * (16 + 32);
  const name = `${RATE.toLocaleString('en')} sets a second with a TTL of 1 s, ${seconds} s`;
  return [atMost(name, (size - 2 * MIB) / live, 4, 'x live, + 2 MiB')];
}
