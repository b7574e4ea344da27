// What grows with the table: creating and opening one, bytes an entry, and reads in a large one and in an old one.
import { SharedDict } from 'shmkit';
import { floor } from '../floor.mjs';
import { inTurn, keep, milliseconds } from '../measure.mjs';
import { inCycle, keysOf, newDict, valueOf } from '../table.mjs';

const MILLION = 1_000_000;
const CHURNS = 100;

export async function scale() {
  return [...lifecycle(), ...(await million()), ...(await churn())];
}

function lifecycle() {
  const name = `bench-${process.pid}-lifecycle`;
  const create = milliseconds(
    11,
    () => SharedDict.create(name, '64mb'),
    (dict) => dict.close(),
  );
  SharedDict.create(name, { size: '64mb', persist: true }).close();
  const open = milliseconds(
    101,
    () => SharedDict.open(name),
    (dict) => dict.close(),
  );
  SharedDict.unlink(name);
  return [
    { name: 'create, 64 MiB', reached: create, unit: 'ms', most: 50 },
    { name: 'open, 64 MiB', reached: open, unit: 'ms', most: 1 },
  ];
}

async function million() {
  const large = newDict({ size: 110 * MILLION, maxEntries: MILLION });
  const keys = keysOf(MILLION);
  const value = valueOf('a million');
  // Written in another order than they are read in.
  for (let index = 0; index < MILLION; index += 1) large.set(keys[(index * 7919) % MILLION], value);
  const { size, free, entries } = large.stats();
  const few = keysOf(10_000);
  const small = newDict({ size: '16mb' });
  for (const key of few) small.set(key, value);
  const [a, b, c] = [inCycle(few), inCycle(keys), inCycle(keys)];
  const times = await inTurn({
    'get, of 10,000': () => keep(small.get(a())),
    'get, of 1,000,000': () => keep(large.get(b())),
    'floor, 1,000,000 keys': () => keep(floor.getString(c())),
  });
  const ratio = times['get, of 1,000,000'] / times['get, of 10,000'];
  return [
    { name: 'bytes an entry at 1,000,000', reached: (size - free) / entries, unit: 'bytes', most: 110 },
    ...Object.entries(times).map(([name, reached]) => ({ name, reached, unit: 'ns' })),
    { name: 'get at 1,000,000 entries', reached: ratio, unit: 'x at 10,000', most: 2 },
  ];
}

/** A table at 90 % of its capacity whose entries were all replaced a hundred times, against a fresh one. */
async function churn() {
  const options = { size: '4mb' };
  const count = Math.floor(capacityOf(options) * 0.9);
  const old = newDict(options);
  const value = valueOf('churn');
  let live = keysOf(count, 0);
  for (const key of live) old.set(key, value);
  for (let generation = 1; generation <= CHURNS; generation += 1) {
    const next = keysOf(count, generation);
    for (let index = 0; index < count; index += 1) {
      old.delete(live[index]);
      old.set(next[index], value);
    }
    live = next;
  }
  const fresh = newDict(options);
  for (const key of live) fresh.set(key, value);
  const absent = keysOf(count, CHURNS + 1);
  const [a, b, c, d] = [inCycle(live), inCycle(live), inCycle(absent), inCycle(absent)];
  const times = await inTurn({
    'hit, fresh table': () => keep(fresh.get(a())),
    'hit, churned table': () => keep(old.get(b())),
    'miss, fresh table': () => keep(fresh.get(c())),
    'miss, churned table': () => keep(old.get(d())),
  });
  return [
    ...Object.entries(times).map(([name, reached]) => ({ name, reached, unit: 'ns' })),
    { name: 'hits after churn', reached: times['hit, churned table'] / times['hit, fresh table'], unit: 'x fresh', most: 1.5 },
    { name: 'misses after churn', reached: times['miss, churned table'] / times['miss, fresh table'], unit: 'x fresh', most: 1.5 },
  ];
}

function capacityOf(options) {
  const dict = newDict(options);
  const value = valueOf('capacity');
  let count = 0;
  try {
    for (const key of keysOf(200_000, 99_999)) {
      dict.set(key, value);
      count += 1;
    }
  } catch (error) {
    if (error.code !== 'ERR_SHM_FULL') throw error;
  }
  dict.clear();
  return count;
}
