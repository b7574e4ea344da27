// Metrics of a shared registry next to prom-client's own: the same calls have the same effects and the same errors.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { SharedRegistry } from 'shmkit/prom-client';
import { makeDict } from './host.mjs';

const OWN = { counter: Counter, gauge: Gauge, histogram: Histogram };
const VALUES = [undefined, null, 0, 2.5, -1, NaN, Infinity, -Infinity, '5', 'a text', '', true, 3n, {}, [], Symbol('a symbol')];
/** Values that prom-client adds to a counter only because they are falsy. */
const POISON = [NaN, ''];

/** Returns what makes a metric of this type in a registry of its own, of prom-client and of shmkit. */
function makers(t, type) {
  const [own, shared] = [new Registry(), new SharedRegistry(makeDict(t))];
  return [
    { registry: own, make: (options) => new OWN[type]({ ...options, registers: [own] }) },
    { registry: shared, make: (options) => shared[type](options) },
  ];
}

/** Returns what a call throws, or the lines of the metric after it. */
async function outcomeOf({ registry, make }, options, calls) {
  try {
    const metric = make(options);
    for (const [method, ...args] of calls) metric[method](...args);
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
  const text = await registry.getSingleMetricAsString(options.name);
  return text.split('\n').filter((line) => line.startsWith(options.name)).map((line) => line.replace('{}', '')).toSorted();
}

async function checkAlike(t, type, options, calls) {
  const [own, shared] = await Promise.all(makers(t, type).map((one) => outcomeOf(one, options, calls)));
  assert.deepEqual(shared, own, `${type} ${JSON.stringify(options.labelNames)} ${calls.map(([method, ...args]) => `${method}(${args.map(String).join(', ')})`).join(' ')}`);
}

for (const [type, method] of [['counter', 'inc'], ['gauge', 'set'], ['gauge', 'inc'], ['gauge', 'dec'], ['histogram', 'observe']]) {
  test(`prom-client: ${method} of a shared ${type} takes and refuses the values that prom-client does`, async (t) => {
    for (const value of VALUES.filter((one) => type !== 'counter' || !POISON.some((poison) => Object.is(poison, one)))) {
      const options = { name: 'metric', help: 'A metric', ...(type === 'histogram' && { buckets: [1, 2] }) };
      await checkAlike(t, type, options, [[method, value]]);
      await checkAlike(t, type, { ...options, labelNames: ['route'] }, [[method, { route: '/' }, value]]);
      await checkAlike(t, type, { ...options, labelNames: ['route'] }, [[method, { other: '/' }, value]]);
    }
  });
}

test('prom-client: a shared counter refuses values that would make it NaN or a text', (t) => {
  for (const value of POISON) {
    const hits = new SharedRegistry(makeDict(t)).counter({ name: 'hits', help: 'Hits', labelNames: ['route'] });
    for (const args of [[value], [{ route: '/' }, value]]) assert.throws(() => hits.inc(...args), { name: 'TypeError', message: `Value is not a valid number: ${value}` });
  }
});

test('prom-client: a shared gauge adds to NaN and to infinity as prom-client does', async (t) => {
  const options = { name: 'level', help: 'Level' };
  for (const [first, ...changes] of [[NaN, 1], [Infinity, 1, -3], [Infinity, -Infinity], [5, Infinity, NaN], [-Infinity, 2], [Number.MAX_VALUE, Number.MAX_VALUE]]) {
    for (const method of ['inc', 'dec']) await checkAlike(t, 'gauge', options, [['set', first], ...changes.map((change) => [method, change])]);
  }
  await checkAlike(t, 'gauge', options, [['set', NaN], ['inc', 1], ['set', 3], ['inc', 1]]);
});

test('prom-client: a sum beyond all numbers is infinite, as in prom-client', async (t) => {
  const options = { name: 'metric', help: 'A metric', labelNames: ['route'], buckets: [1] };
  const most = [{ route: '/' }, Number.MAX_VALUE];
  await checkAlike(t, 'counter', options, [['inc', ...most], ['inc', ...most]]);
  await checkAlike(t, 'histogram', options, [['observe', ...most], ['observe', ...most]]);
});

test('prom-client: a shared registry refuses the names that prom-client refuses', async (t) => {
  for (const type of Object.keys(OWN)) {
    for (const name of ['a-b', '', '1st', 'a:b', 'a b']) await checkAlike(t, type, { name, help: 'A metric' }, []);
    await checkAlike(t, type, { name: 'metric' }, []);
    for (const label of ['a-b', 'le', 'quantile', '', '1st', 'a:b', '__proto__', 'constructor', 'ünknown']) {
      await checkAlike(t, type, { name: 'metric', help: 'A metric', labelNames: ['route', label] }, []);
    }
  }
});

test('prom-client: a label may be named as a property that every object has', async (t) => {
  for (const label of ['constructor', '__proto__', 'toString']) {
    const registry = new SharedRegistry(makeDict(t));
    const hits = registry.counter({ name: 'hits', help: 'Hits', labelNames: [label, 'route'] });
    hits.inc({ route: '/' });
    hits.inc({ route: '/', [label]: 'a' });
    const text = await registry.getSingleMetricAsString('hits');
    for (const line of ['hits{route="/"} 1', `hits{${label}="a",route="/"} 1`]) assert.ok(text.includes(line), text);
  }
});
