import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { fixture, startChild } from '../support/child';
import { makeDict } from '../support/dict';
import { until } from '../support/clock';

test('getOrSet runs one loader at a time across processes', async (t) => {
  const dict = makeDict(t);
  const children = Array.from({ length: 6 }, () => startChild(t, 'get-or-set', [dict.name]));
  await Promise.all(children.map((child) => child.next()));
  const answers = await Promise.all(children.map((child) => child.ask({ key: 'a', delay: 100 })));
  t.is(dict.get('loads'), 1, 'the loader ran once');
  t.is(new Set(answers.map((answer) => JSON.stringify(answer))).size, 1, 'all got the same value');
  t.is(dict.get('overlaps'), undefined, 'no two at a time');
});

test('getOrSet: loaders of one key never overlap, even when each result expires at once', async (t) => {
  const dict = makeDict(t);
  const children = Array.from({ length: 4 }, () => startChild(t, 'get-or-set', [dict.name]));
  await Promise.all(children.map((child) => child.next()));
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(children.map((child) => child.ask({ key: 'a', delay: 5, ttl: 0.001 })));
  }
  t.true((dict.get('loads') as number) >= 5);
  t.is(dict.get('overlaps'), undefined);
});

test('getOrSet: another process loads when the loading process is killed', async (t) => {
  const dict = makeDict(t);
  const [first, second] = [startChild(t, 'get-or-set', [dict.name]), startChild(t, 'get-or-set', [dict.name])];
  await Promise.all([first.next(), second.next()]);
  first.process.send({ key: 'a', delay: 1e6 });
  await until(() => dict.get('loads') === 1);
  const waiting = second.ask({ key: 'a', delay: 1 });
  const mine = dict.getOrSet('a', () => 'mine', { ttl: 50 });
  await first.kill('SIGKILL');
  const values = [await waiting, await mine] as const;
  t.is((values[0] as { value: unknown }).value, values[1]);
  t.is(dict.get('a'), values[1]);
});

test('getOrSet: another caller loads when the loading worker thread is terminated', async (t) => {
  const dict = makeDict(t);
  const worker = new Worker(fixture('get-or-set'), { argv: [dict.name] });
  t.teardown(() => worker.terminate());
  await once(worker, 'message');
  worker.postMessage({ key: 'a', delay: 1e6 });
  await until(() => dict.get('loads') === 1);
  const mine = dict.getOrSet('a', () => 'mine', { ttl: 50 });
  await worker.terminate();
  t.is(await mine, 'mine');
  t.is(dict.get('a'), 'mine');
});

test('getOrSet with staleFor returns the old value in every process while one loads', async (t) => {
  const dict = makeDict(t);
  const children = Array.from({ length: 3 }, () => startChild(t, 'get-or-set', [dict.name]));
  await Promise.all(children.map((child) => child.next()));
  dict.set('a', 'old', 0.001);
  await until(() => !dict.has('a'));
  const answers = await Promise.all(children.map((child) => child.ask({ key: 'a', delay: 300, staleFor: 100 })));
  t.deepEqual(answers, [{ value: 'old' }, { value: 'old' }, { value: 'old' }]);
  await until(() => dict.has('a'));
  t.regex(dict.get('a') as string, /^loaded by/);
  t.is(dict.get('loads'), 1);
});

test('getOrSet does not overwrite a value that was written meanwhile', async (t) => {
  const dict = makeDict(t);
  const child = startChild(t, 'get-or-set', [dict.name]);
  await child.next();
  const answer = child.ask({ key: 'a', delay: 200 });
  await until(() => dict.get('loads') === 1);
  dict.set('a', 'written');
  await answer;
  t.is(dict.get('a'), 'written');
});
