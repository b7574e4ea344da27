// Metrics: a registry of prom-client, and a meter of OpenTelemetry.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { Counter } from 'prom-client';
import { observe } from 'shmkit/opentelemetry';
import { SharedRegistry } from 'shmkit/prom-client';
import { BROKEN, makeDict } from './host.mjs';

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

test('prom-client: the value of another program is no figure', async (t) => {
  const dict = makeDict(t);
  const registry = new SharedRegistry(dict);
  const hits = registry.counter({ name: 'hits', help: 'Hits', labelNames: ['route'] });
  hits.inc({ route: '/' });
  for (const [key, value] of [['metric:hits|["/a",""]', 'a text'], ['metric:hits|not JSON', 7], ['metric:hits|7', 7]]) dict.set(key, value);
  dict.rpush('metric:hits|["/b",""]', 1);
  assert.deepEqual((await registry.metrics()).split('\n').filter((line) => line.startsWith('hits')), ['hits{route="/"} 1']);
});

test('OpenTelemetry: reports hits, misses, entries and size, until it is stopped', async (t) => {
  const dict = makeDict(t);
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  t.after(() => provider.shutdown());
  const stop = observe(dict, provider.getMeter('test'));
  dict.set('a', 1);
  dict.get('a');
  dict.get('missing');
  await reader.forceFlush();
  const figures = new Map(exporter.getMetrics()[0].scopeMetrics[0].metrics.flatMap(({ descriptor, dataPoints }) => dataPoints.map(({ attributes, value }) => [`${descriptor.name} ${attributes['cache.request.type'] ?? ''}`.trim(), value])));
  assert.deepEqual(['cache.requests hit', 'cache.requests miss', 'cache.entries', 'cache.evictions'].map((name) => figures.get(name)), [1, 1, 1, 0]);
  assert.ok(figures.get('cache.estimated_size') > 0);
  dict.close();
  await reader.forceFlush();
  stop();
});
