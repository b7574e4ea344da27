// How many requests a full dictionary with `onFull: 'evict'` answers, compared with LRU and the optimum for as many
// entries, and how long a write takes that has to evict.
import { median } from '../measure.mjs';
import { keyOf, newDict, valueOf } from '../table.mjs';
import { lru, optimum } from '../traces/policies.mjs';
import { tracesOf } from '../traces/traces.mjs';

const KEYS = 100_000;
const SIZE = '1mb';
const WRITES = 200;

export const title = 'Hit ratios of evictions in 1 MiB; 32-byte values, get and on a miss set';

export async function run({ quick = false }) {
  const rows = [];
  for (const [name, trace] of Object.entries(tracesOf(quick ? 60_000 : 150_000, KEYS))) {
    const { hits, capacity } = play(trace, false);
    const least = 100 * lru(trace, capacity);
    const row = (policy, more) => ({ name: `${name}: ${policy}`, unit: '%', trace: name, policy, ...more });
    rows.push(
      { name: `${name}: entries at the end`, reached: capacity, unit: 'entries' },
      row('optimum', { reached: 100 * optimum(trace, capacity) }),
      row('LRU', { reached: least }),
      row('shmkit', { reached: 100 * hits, least }),
    );
    if (!quick) rows.push(row('shmkit, local cache', { reached: 100 * play(trace, true).hits, least }));
  }
  for (const size of ['1mb', '16mb']) rows.push({ name: `set that evicts, ${size}`, reached: evictingSet(size), unit: 'us' });
  return rows;
}

function play(trace, localCache) {
  const dict = newDict({ size: SIZE, onFull: 'evict', localCache });
  const value = valueOf('eviction');
  const keys = new Map();
  let hits = 0;
  for (const number of trace) {
    let key = keys.get(number);
    if (key === undefined) keys.set(number, (key = keyOf(number)));
    if (dict.get(key) === undefined) dict.set(key, value);
    else hits += 1;
  }
  // The other policies get as many entries as it holds when it is full.
  const capacity = dict.size;
  dict.close();
  return { hits: hits / trace.length, capacity };
}

function evictingSet(size) {
  const dict = newDict({ size, onFull: 'evict' });
  const value = valueOf('eviction');
  let number = 0;
  while (dict.stats().evictions === 0) {
    for (const end = number + 1000; number < end; number += 1) dict.set(keyOf(number), value);
  }
  const times = Array.from({ length: WRITES }, (_, write) => {
    const key = keyOf(number + write);
    const start = performance.now();
    dict.set(key, value);
    return (performance.now() - start) * 1000;
  });
  dict.close();
  return median(times);
}
