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
const WRONG_COUNT = 'Error: Invalid number of arguments';

/** Returns what makes a metric of this type in a registry of its own, of prom-client and of shmkit. */
function makers(t, type) {
  const [own, shared] = [new Registry(), new SharedRegistry(makeDict(t))];
  return [
    { registry: own, make: (options) => new OWN[type]({ ...options, registers: [own] }) },
    { registry: shared, make: (options) => shared[type](options) },
  ];
}

/** Calls a method. Of `labels.inc`, the last argument is for `inc`, and those before it for `labels`. */
function call(metric, method, args) {
  const [name, bound] = method.split('.');
  if (bound === undefined) return metric[name](...args);
  return metric[name](...args.slice(0, -1))[bound](args.at(-1));
}

/** Returns what a call throws, or the lines of the metric after it. */
async function outcomeOf({ registry, make }, options, calls) {
  try {
    const metric = make(options);
    for (const [method, ...args] of calls) call(metric, method, args);
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
  const text = await registry.getSingleMetricAsString(options.name);
  return text.split('\n').filter((line) => line.startsWith(options.name)).map((line) => line.replace('{}', '')).toSorted();
}

async function checkAlike(t, type, options, calls) {
  const [own, shared] = await Promise.all(makers(t, type).map((one) => outcomeOf(one, options, calls)));
  // prom-client 15.0 says no more than this.
  const outcome = own === WRONG_COUNT && String(shared).startsWith(WRONG_COUNT) ? own : shared;
  assert.deepEqual(outcome, own, `${type} ${JSON.stringify(options.labelNames)} ${calls.map(([method, ...args]) => `${method}(${args.map(String).join(', ')})`).join(' ')}`);
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

const LABELED = { name: 'metric', help: 'A metric', labelNames: ['method', 'route'], buckets: [1, 2] };
const BARE = { name: 'metric', help: 'A metric', buckets: [1, 2] };
/** What callers give to `labels` and `remove`, right and wrong. */
const GIVEN = [['GET', '/'], [{ method: 'GET', route: '/' }], [{ route: '/' }], [{}], [7, 0], ['GET'], ['GET', '/', 'more'], [], [undefined], [{ other: 1 }], [['GET', '/']], ['a","b', '/']];
const CHANGES = { counter: ['inc'], gauge: ['set', 'inc', 'dec'], histogram: ['observe'] };

for (const [type, methods] of Object.entries(CHANGES)) {
  test(`prom-client: labels of a shared ${type} takes and refuses what prom-client does`, async (t) => {
    for (const method of methods) {
      for (const given of [...GIVEN, [null]]) {
        for (const options of [LABELED, BARE]) await checkAlike(t, type, options, [[`labels.${method}`, ...given, 1.5], [`labels.${method}`, ...given, 1]]);
      }
      for (const value of VALUES.filter((one) => type !== 'counter' || !POISON.some((poison) => Object.is(poison, one)))) {
        await checkAlike(t, type, LABELED, [[`labels.${method}`, 'GET', '/', value]]);
      }
    }
  });

  test(`prom-client: remove of a shared ${type} removes one set of labels, as prom-client does`, async (t) => {
    const [method] = methods;
    const series = [['GET', '/'], ['GET', '/a'], [7, 0], ['a","b', '/']].map(([verb, route]) => [method, { method: verb, route }, 1.5]);
    for (const given of GIVEN) await checkAlike(t, type, LABELED, [...series, [method, { route: '/' }, 1], [method, {}, 1], ['remove', ...given]]);
    await checkAlike(t, type, LABELED, [...series, ['remove', 'GET', '/'], [method, { method: 'GET', route: '/' }, 1]]);
    await checkAlike(t, type, BARE, [[method, 1], ['remove', 'GET']]);
    await checkAlike(t, type, BARE, [[method, 5], ['remove'], [method, 1]]);
  });

  test(`prom-client: reset of a shared ${type} does what prom-client does`, async (t) => {
    const [method] = methods;
    await checkAlike(t, type, LABELED, [[method, { route: '/' }, 5], ['reset']]);
    await checkAlike(t, type, BARE, [[method, 5], ['reset'], [method, 1]]);
    if (type !== 'histogram') await checkAlike(t, type, BARE, [[method, 5], ['reset']]);
  });

  test(`prom-client: collect of a shared ${type} is called and awaited as by prom-client`, async (t) => {
    const [method] = methods;
    const ways = {
      plain() {
        this[method]({ route: '/' }, 2);
      },
      async later() {
        await new Promise((resolve) => setImmediate(resolve));
        this[method]({ route: '/' }, 2);
      },
      throwing() {
        throw new Error('not now');
      },
      async rejecting() {
        throw new Error('not now');
      },
    };
    for (const collect of Object.values(ways)) {
      const outcomes = makers(t, type).map(async ({ registry, make }) => {
        const metric = make({ ...LABELED, collect });
        assert.equal(metric.collect, collect);
        return registry.metrics().then((text) => text.split('\n').filter((line) => line.startsWith('metric')).toSorted(), (error) => error.message);
      });
      const [own, shared] = await Promise.all(outcomes);
      assert.deepEqual(shared, own, collect.name);
      assert.ok(own.length > 0);
    }
    for (const collect of [7, 'text', {}, null, false, 0, '']) await checkAlike(t, type, { ...LABELED, collect }, []);
  });

  test(`prom-client: a shared ${type} has the methods of prom-client's own`, (t) => {
    const [own, shared] = makers(t, type).map(({ make }) => make(BARE));
    const names = Object.getOwnPropertyNames(OWN[type].prototype).filter((name) => !/^(?:constructor|_getValue|getForPromString|\w+Exemplar)$/u.test(name));
    for (const name of names) assert.equal(typeof shared[name], 'function', name);
    assert.deepEqual(Object.keys(shared.labels()), Object.keys(own.labels()));
  });

  test(`prom-client: a shared ${type} keeps its aggregator, and refuses what it cannot have`, async (t) => {
    const [own, shared] = await Promise.all(makers(t, type).map(({ make }) => make({ ...BARE, aggregator: 'max' }).get()));
    assert.deepEqual([shared.aggregator, shared.name, shared.help, shared.type], [own.aggregator, own.name, own.help, own.type]);
    const registry = new SharedRegistry(makeDict(t));
    assert.throws(() => registry[type]({ ...BARE, enableExemplars: true }), { name: 'TypeError', message: /exemplars/u });
    assert.throws(() => registry[type]({ ...BARE, registers: [] }), { name: 'TypeError', message: /registers/u });
    for (const options of [undefined, null, 'metric']) {
      const [first, second] = [() => new OWN[type](options), () => registry[type](options)].map((make) => { try { return make(); } catch (error) { return String(error); } });
      assert.equal(second, first);
    }
  });
}

test('prom-client: zero of a shared histogram sets one set of labels to 0, as prom-client does', async (t) => {
  const calls = [['observe', { method: 'GET', route: '/' }, 1.5], ['observe', { method: 'GET', route: '/a' }, 5]];
  for (const given of [{ method: 'GET', route: '/' }, { route: '/b' }, {}]) await checkAlike(t, 'histogram', LABELED, [...calls, ['zero', given], ['observe', { method: 'GET', route: '/' }, 1]]);
  await checkAlike(t, 'histogram', BARE, [['observe', 5], ['zero', {}]]);
  const histogram = new SharedRegistry(makeDict(t)).histogram(LABELED);
  assert.throws(() => histogram.zero({ other: 1 }), /not included in initial labelset/u);
});

test('prom-client: setToCurrentTime and timers of a shared gauge set it as those of prom-client', async (t) => {
  t.mock.method(Date, 'now', () => 1_234_567);
  const labels = { method: 'GET', route: '/' };
  await checkAlike(t, 'gauge', BARE, [['setToCurrentTime']]);
  await checkAlike(t, 'gauge', LABELED, [['setToCurrentTime', labels], ['labels.setToCurrentTime', 'POST', '/', undefined]]);
  for (const args of [['text'], [7], [null], [{ other: 1 }]]) await checkAlike(t, 'gauge', LABELED, [['setToCurrentTime', ...args]]);
});

for (const type of ['gauge', 'histogram']) {
  test(`prom-client: timers of a shared ${type} measure seconds, and merge their labels`, async (t) => {
    const starts = [(metric) => metric.startTimer({ method: 'GET', route: '/' }), (metric) => metric.startTimer(), (metric) => metric.labels('GET', '/').startTimer(), (metric) => metric.startTimer(null)];
    for (const start of starts) {
      const outcomes = makers(t, type).map(async ({ registry, make }) => {
        const metric = make(LABELED);
        const seconds = start(metric)({ method: 'POST' });
        assert.ok(seconds >= 0 && seconds < 60);
        const { values } = await metric.get();
        assert.equal(values.find(({ metricName = 'metric_sum' }) => metricName === 'metric_sum').value, seconds);
        return (await registry.metrics()).replaceAll(String(seconds), 'SECONDS').split('\n').filter((line) => line.startsWith('metric')).toSorted();
      });
      const [own, shared] = await Promise.all(outcomes);
      assert.deepEqual(shared, own);
    }
  });
}

test('prom-client: differences of a label that is undefined, and of no labels, are as documented', async (t) => {
  const registry = new SharedRegistry(makeDict(t));
  const hits = registry.counter({ name: 'hits', help: 'Hits', labelNames: ['route'] });
  hits.inc({ route: undefined });
  hits.inc({});
  assert.deepEqual((await hits.get()).values, [{ labels: {}, value: 2 }]);
  const bare = registry.counter({ name: 'bare', help: 'Bare' });
  bare.inc(5);
  bare.remove();
  assert.deepEqual((await bare.get()).values, [{ labels: {}, value: 0 }]);
});

test('prom-client: what one process removes is gone for all, and nothing of other labels and programs', async (t) => {
  const dict = makeDict(t);
  const [one, other] = [new SharedRegistry(dict), new SharedRegistry(dict)];
  const [first, second] = [one.histogram(LABELED), other.histogram({ ...LABELED, buckets: [3] })];
  first.labels('GET', '/').observe(1.5);
  second.labels('GET', '/').observe(2.5);
  dict.set('metric:metric|["GET","/","more","sum"]', 7);
  first.remove('GET', '/');
  for (const metric of [first, second]) assert.deepEqual((await metric.get()).values, []);
  assert.equal(dict.get('metric:metric|["GET","/","more","sum"]'), 7);
  dict.close();
  for (const change of [() => first.remove('GET', '/'), () => first.zero({}), () => first.labels('GET', '/').observe(1)]) assert.doesNotThrow(change);
  assert.ok(one.dropped >= 3);
});
