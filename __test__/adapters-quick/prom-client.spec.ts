import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { makeDict, makeDir } from '../support/dict';

const ROOT = path.join(__dirname, '..', '..', '..');

/** Runs a program over a dictionary where prom-client has a registry and no more, and returns what it prints. */
function run(t: ExecutionContext, program: string): unknown {
  const modules = makeDir(t);
  fs.mkdirSync(path.join(modules, 'prom-client'));
  fs.writeFileSync(path.join(modules, 'prom-client', 'index.js'), 'exports.Registry = class { registerMetric() {} };\n');
  const before = `
    const dict = require('shmkit').SharedDict.open(${JSON.stringify(makeDict(t).name)});
    const registry = new (require('shmkit/prom-client').SharedRegistry)(dict);
    const options = { name: 'metric', help: 'A metric', labelNames: ['method', 'route'], buckets: [1] };
    const show = async (metric) => (await metric.get()).values.map(({ metricName, labels, value }) => [metricName, ...Object.values(labels), value].filter((part) => part !== undefined).join(' '));
    const messageOf = (call) => { try { call(); } catch (error) { return error.message; } };
    (async () => {`;
  const printed = execFileSync(process.execPath, ['-e', `${before}${program}})().then((result) => console.log(JSON.stringify(result)));`], { cwd: ROOT, env: { ...process.env, NODE_PATH: modules }, encoding: 'utf8' });
  return JSON.parse(printed);
}

/** Returns the lines of a histogram with one bucket. */
function linesOf(route: string, ...values: number[]): string[] {
  return ['metric_bucket 1', 'metric_bucket +Inf', 'metric_sum', 'metric_count'].map((line, index) => `${line} GET ${route} ${values[index]}`);
}

test('prom-client: labels are values in order or an object, and are removed one set at a time', (t) => {
  const shown = run(t, `
    const hits = registry.counter(options);
    hits.labels('GET', '/').inc();
    hits.labels({ route: '/', method: 'GET' }).inc(2);
    hits.labels('GET', '/a').inc();
    hits.labels('POST', '/').inc();
    hits.remove('GET', '/a');
    hits.remove({ method: 'POST', route: '/' });
    return [await show(hits), messageOf(() => hits.labels('GET')), messageOf(() => hits.remove({ other: 1 })), registry.dropped];`);
  const count = 'Invalid number of arguments (1): "GET" for label names (2): "method, route".';
  t.deepEqual(shown, [['GET / 3'], count, `Added label "other" is not included in initial labelset: [ 'method', 'route' ]`, 0]);
});

test('prom-client: a gauge can be set to the time and by a timer', (t) => {
  const shown = run(t, `
    Date.now = () => 5500;
    const level = registry.gauge(options);
    level.labels('GET', '/').setToCurrentTime();
    level.setToCurrentTime({ method: 'PUT' });
    const seconds = level.startTimer({ method: 'POST' })({ route: '/a' });
    level.labels('GET', '/b').dec(2);
    return (await show(level)).map((line) => line.replace(String(seconds), 'seconds'));`);
  t.deepEqual(shown, ['GET / 5.5', 'GET /b -2', 'POST /a seconds', 'PUT 5.5']);
});

test('prom-client: a histogram sets one set of labels to 0, or removes all of its parts', (t) => {
  const shown = run(t, `
    const time = registry.histogram(options);
    for (const route of ['/', '/a', '/b']) for (const seconds of [0.5, 3]) time.labels('GET', route).observe(seconds);
    time.zero({ method: 'GET', route: '/' });
    time.remove('GET', '/b');
    return [await show(time), dict.size];`);
  t.deepEqual(shown, [[...linesOf('/', 0, 0, 0, 0), ...linesOf('/a', 1, 2, 3.5, 2)], 4]);
});

test('prom-client: collect is called for each collection, with the metric as this, and awaited', (t) => {
  const shown = run(t, `
    const level = registry.gauge({ ...options, async collect() {
      await null;
      this.inc({ route: '/' });
    } });
    return [await show(level), await show(level), messageOf(() => registry.counter({ ...options, collect: 7 }))];`);
  t.deepEqual(shown, [['/ 1'], ['/ 2'], 'Optional "collect" parameter must be a function']);
});

test('prom-client: options that shared metrics cannot honour are refused', (t) => {
  const messages = run(t, `return [{ enableExemplars: true }, { registers: [registry] }, { enableExemplars: false, registers: undefined }].map((more) => messageOf(() => registry.gauge({ ...options, ...more })) ?? 'taken');`);
  t.deepEqual(messages, ['Shared metrics have no exemplars', 'A shared metric belongs to the registry that makes it: leave "registers" out', 'taken']);
});
