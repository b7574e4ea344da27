// Single calls on 10,000 keys of 16 bytes with values of 32, in a dictionary sized for them (4 MiB), against the floor
// and against a Map.
import { floor } from '../floor.mjs';
import { inTurn, keep, median } from '../measure.mjs';
import { inCycle, keysOf, newDict, valueOf } from '../table.mjs';

const KEYS = keysOf(10_000);

export async function calls() {
  return [...(await gets()), ...(await numbers()), ...(await sets()), ...(await increments()), ...listings()];
}

async function gets() {
  const { dict, map } = fill(valueOf);
  const cached = newDict({ size: '4mb', localCache: true });
  for (const key of KEYS) cached.set(key, map.get(key));
  const [a, b, c, d] = Array.from({ length: 4 }, () => inCycle(KEYS));
  const e = inCycle(keysOf(10_000, 1));
  const times = await inTurn({
    'Map.get, string': () => keep(map.get(a())),
    'floor, get string': () => keep(floor.getString(b())),
    'get, string': () => keep(dict.get(c())),
    'get, string, local cache': () => keep(cached.get(d())),
    'get, missing': () => keep(dict.get(e())),
  });
  return [...rows(times), goal('get string', times['get, string'] / times['floor, get string'], 2.5, 'x floor')];
}

async function numbers() {
  const { dict, map } = fill((key, index) => index + 0.5);
  const cached = newDict({ size: '4mb', localCache: true });
  for (const key of KEYS) cached.set(key, map.get(key));
  const [a, b, c, d] = Array.from({ length: 4 }, () => inCycle(KEYS));
  const times = await inTurn({
    'Map.get, number': () => keep(map.get(a())),
    'floor, get number': () => keep(floor.getNumber(b())),
    'get, number': () => keep(dict.get(c())),
    'get, number, local cache': () => keep(cached.get(d())),
  });
  return [...rows(times), goal('get number', times['get, number'] / times['floor, get number'], 2.5, 'x floor')];
}

async function sets() {
  const { dict, map } = fill(valueOf);
  const values = KEYS.map((key) => valueOf(key));
  const [a, b, c] = Array.from({ length: 3 }, () => inCycle(KEYS));
  const [v, w, x] = Array.from({ length: 3 }, () => inCycle(values));
  const times = await inTurn({
    'Map.set': () => keep(map.set(a(), v())),
    'floor, set': () => keep(floor.set(b(), w())),
    'set': () => keep(dict.set(c(), x())),
  });
  return [...rows(times), goal('set', times['set'] / times['floor, set'], 4, 'x floor')];
}

async function increments() {
  const { dict, map } = fill(() => 0);
  const [a, b, c] = Array.from({ length: 3 }, () => inCycle(KEYS));
  const bump = (key) => map.set(key, map.get(key) + 1);
  const times = await inTurn({
    'Map.get and Map.set': () => keep(bump(a())),
    'floor, incr': () => keep(floor.incr(b(), 1)),
    'incr': () => keep(dict.incr(c(), 1)),
  });
  return [...rows(times), goal('incr', times['incr'] / times['floor, incr'], 3, 'x floor')];
}

function listings() {
  const { dict, map } = fill(valueOf);
  const [ours, theirs] = [[], []];
  for (let round = 0; round < 41; round += 1) {
    ours.push(timeOf(() => dict.getKeys()));
    theirs.push(timeOf(() => [...map.keys()]));
  }
  return [
    { name: '[...map.keys()] of 10,000', reached: median(theirs), unit: 'ms' },
    goal('getKeys of 10,000', median(ours), 2, 'ms'),
  ];
}

function fill(valueFor) {
  const dict = newDict({ size: '4mb' });
  const map = new Map(KEYS.map((key, index) => [key, valueFor(key, index)]));
  for (const [key, value] of map) dict.set(key, value);
  return { dict, map };
}

function timeOf(run) {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

function rows(times) {
  return Object.entries(times).map(([name, reached]) => ({ name, reached, unit: 'ns' }));
}

function goal(name, reached, most, unit) {
  return { name, reached, unit, most };
}
