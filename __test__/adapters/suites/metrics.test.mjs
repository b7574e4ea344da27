// Metrics: a registry of prom-client, and a meter of OpenTelemetry.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { Counter } from 'prom-client';
import { observe } from 'shmkit/opentelemetry';
import { SharedRegistry } from 'shmkit/prom-client';
import { BROKEN, fullDict, makeDict } from './host.mjs';

test('prom-client: one registry shows what another counted', async (t) => {
  const dict = makeDict(t);
  const [one, other] = [new SharedRegistry(dict), new SharedRegistry(dict)];
  for (const registry of [one, other]) registry.counter({ name: 'hits', help: 'Hits', labelNames: ['route'] }).inc({ route: '/' });
  one.histogram({ name: 'time', help: 'Time', buckets: [1, 2] }).observe(1.5);
  new Counter({ name: 'own', help: 'Of this process', registers: [one] }).inc(3);
  const text = await one.metrics();
  for (const line of ['hits{route="/"} 2', 'time_bucket{le="1"} 0', 'time_bucket{le="2"} 1', 'time_bucket{le="+Inf"} 1', 'time_sum 1.5', 'time_count 1', 'own 3']) assert.ok(text.includes(line), line);
});

for (const [state, make] of Object.entries(BROKEN)) {
  test(`prom-client: changes that a ${state} dictionary cannot take are counted, and throw nothing`, async (t) => {
    const registry = new SharedRegistry(make(t));
    registry.counter({ name: 'hits', help: 'Hits' }).inc();
    registry.gauge({ name: 'level', help: 'Level' }).set(3);
    registry.histogram({ name: 'time', help: 'Time' }).observe(1);
    assert.ok(registry.dropped >= 3);
    if (state === 'full') assert.match(await registry.metrics(), /^hits 0$/mu);
    else await assert.rejects(registry.metrics(), { code: 'ERR_SHM_CLOSED' });
  });
}

test('prom-client: what is counted stays when the dictionary is full, and can grow', async (t) => {
  const dict = makeDict(t, '64kb');
  const registry = new SharedRegistry(dict);
  const hits = registry.counter({ name: 'hits', help: 'Hits', labelNames: ['route'] });
  hits.inc({ route: '/' });
  for (let index = 0; registry.dropped === 0; index += 1) hits.inc({ route: `/${index}/${'x'.repeat(100)}` });
  hits.inc({ route: '/' });
  assert.ok((await registry.getSingleMetricAsString('hits')).includes('hits{route="/"} 2'));
});

/** Returns the lines of a metric without those that explain it. */
async function linesOf(registry, name) {
  return (await registry.getSingleMetricAsString(name)).split('\n').filter((line) => line.startsWith(name));
}

test('prom-client: the value of another program is no figure', async (t) => {
  const dict = makeDict(t);
  const registry = new SharedRegistry(dict);
  const hits = registry.counter({ name: 'hits', help: 'Hits', labelNames: ['route'] });
  hits.inc({ route: '/' });
  for (const [key, value] of [['metric:hits|["/a",""]', 'a text'], ['metric:hits|not JSON', 7], ['metric:hits|7', 7]]) dict.set(key, value);
  dict.rpush('metric:hits|["/b",""]', 1);
  assert.deepEqual(await linesOf(registry, 'hits'), ['hits{route="/"} 1']);
  hits.inc({ route: '/a' });
  hits.inc({ route: '/b' });
  assert.equal(registry.dropped, 2);
});

test('prom-client: a gauge writes over the value of another program, and a histogram leaves it out', async (t) => {
  const dict = makeDict(t);
  const registry = new SharedRegistry(dict);
  dict.set('metric:level|[""]', { not: 'a number' });
  const level = registry.gauge({ name: 'level', help: 'Level' });
  assert.deepEqual(await linesOf(registry, 'level'), ['level 0']);
  level.inc();
  assert.equal(registry.dropped, 1);
  level.set(7);
  assert.deepEqual(await linesOf(registry, 'level'), ['level 7']);
  const time = registry.histogram({ name: 'time', help: 'Time', buckets: [1] });
  for (const part of ['1', 'sum', 'of another program']) dict.set(`metric:time|["${part}"]`, 'a text');
  time.observe(0.5);
  time.observe(2);
  assert.deepEqual(await linesOf(registry, 'time'), ['time_bucket{le="1"} 0', 'time_bucket{le="+Inf"} 1', 'time_sum 0', 'time_count 1']);
});

test('prom-client: refuses what prom-client refuses, and can be reset', async (t) => {
  const registry = new SharedRegistry(makeDict(t));
  const hits = registry.counter({ name: 'hits', help: 'Hits', labelNames: ['route'] });
  for (const call of [() => hits.inc({ unknown: 1 }), () => hits.inc(-1), () => hits.inc({ route: '/' }, NaN), () => registry.counter({ name: 'a-b', help: '' }), () => registry.counter({ name: 'hits', help: '' })]) assert.throws(call, Error);
  hits.inc({ route: 'quoted "text"\n' });
  assert.deepEqual(await linesOf(registry, 'hits'), ['hits{route="quoted \\"text\\"\\n"} 1']);
  hits.reset();
  assert.deepEqual(await linesOf(registry, 'hits'), []);
  const timer = registry.histogram({ name: 'time', help: 'Time' }).startTimer();
  assert.ok(timer() >= 0);
  assert.ok((await linesOf(registry, 'time')).includes('time_count 1'));
  assert.deepEqual((await registry.getMetricsAsJSON()).map(({ name, type }) => [name, type]), [['hits', 'counter'], ['time', 'histogram']]);
});

/** Returns what collects, and a function that returns the figures by name and type of request. */
function collectorOf(t) {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  t.after(() => provider.shutdown());
  const collect = async () => {
    exporter.reset();
    await reader.forceFlush();
    const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
    return new Map(metrics.flatMap(({ descriptor, dataPoints }) => dataPoints.map(({ attributes, value }) => [`${descriptor.name} ${attributes['cache.request.type'] ?? ''}`.trim(), value])));
  };
  return { meter: provider.getMeter('test'), collect };
}

test('OpenTelemetry: reports hits, misses, entries and size, until it is stopped', async (t) => {
  const { meter, collect } = collectorOf(t);
  const dict = makeDict(t);
  const stop = observe(dict, meter);
  dict.set('a', 1);
  dict.get('a');
  dict.get('missing');
  const figures = await collect();
  assert.deepEqual(['cache.requests hit', 'cache.requests miss', 'cache.entries', 'cache.evictions'].map((name) => figures.get(name)), [1, 1, 1, 0]);
  assert.ok(figures.get('cache.estimated_size') > 0);
  stop();
  dict.set('b', 1);
  // The package repeats what it was told last.
  assert.equal((await collect()).get('cache.entries'), 1);
});

test('OpenTelemetry: a full dictionary is reported like any other, evictions and all', async (t) => {
  const { meter, collect } = collectorOf(t);
  observe(fullDict(t), meter);
  const figures = await collect();
  assert.ok(figures.get('cache.entries') > 0 && figures.get('cache.estimated_size') > 20_000);
  const evicting = makeDict(t, { size: '64kb', onFull: 'evict' });
  const other = collectorOf(t);
  observe(evicting, other.meter);
  for (let index = 0; index < 100; index += 1) evicting.set(`${index}`, 'x'.repeat(4000));
  assert.ok((await other.collect()).get('cache.evictions') > 0);
});

test('OpenTelemetry: a closed dictionary is not reported, and disturbs no other', async (t) => {
  const { meter, collect } = collectorOf(t);
  const [closed, open] = [makeDict(t), makeDict(t)];
  for (const dict of [closed, open]) observe(dict, meter);
  open.set('a', 1);
  closed.close();
  const figures = await collect();
  assert.equal(figures.get('cache.entries'), 1);
  assert.equal(figures.size, 5);
});

test('OpenTelemetry: values of other programs are entries like any other', async (t) => {
  const { meter, collect } = collectorOf(t);
  const dict = makeDict(t);
  observe(dict, meter);
  dict.rpush('list', 1);
  dict.set('object', { a: 1 });
  dict.set('bytes', Buffer.from('a'));
  assert.equal((await collect()).get('cache.entries'), 3);
});
