import test from 'ava';
import { callRemote, startChild } from '../support/child';
import { makeDict } from '../support/dict';
import { now, until } from '../support/clock';

test('processes: what one writes, the others read', async (t) => {
  const dict = makeDict(t);
  const [left, right] = [startChild(t, 'remote-dict', [dict.name]), startChild(t, 'remote-dict', [dict.name])];
  const values = ['text', '東京', '\ud800', 1.5, -0, Number.NaN, 2n ** 62n, true, null, { a: [1] }, new Map([['k', 1]]), 'x'.repeat(100_000)];
  for (const value of values) {
    t.is(await callRemote(left, 'set', 'v', value), true);
    t.deepEqual(await callRemote(right, 'get', 'v'), value);
    t.deepEqual(dict.get('v'), value);
  }
});

test('processes: the local cache is never older than the last write of another one', async (t) => {
  const dict = makeDict(t, { localCache: true });
  const child = startChild(t, 'remote-dict', [dict.name]);
  for (let round = 0; round < 300; round += 1) {
    for (let read = 0; read < 5; read += 1) dict.get('v');
    await callRemote(child, 'set', 'v', round % 2 ? round : `text ${round}`);
    const value = dict.get('v');
    if (value !== (round % 2 ? round : `text ${round}`)) t.fail(`round ${round}: ${String(value)}`);
  }
  await callRemote(child, 'delete', 'v');
  t.is(dict.get('v'), undefined);
  await callRemote(child, 'set', 'v', 'again');
  t.is(dict.get('v'), 'again');
  await callRemote(child, 'clear');
  t.is(dict.get('v'), undefined);
  await callRemote(child, 'set', 'n', 1);
  t.is(dict.get('n'), 1);
  t.is(await callRemote(child, 'incr', 'n'), 2);
  t.is(dict.get('n'), 2);
});

test('processes: an expiry set by one holds in the others', async (t) => {
  const dict = makeDict(t);
  const child = startChild(t, 'remote-dict', [dict.name]);
  dict.set('v', 1);
  dict.get('v');
  await callRemote(child, 'expire', 'v', 0.001);
  await until(() => dict.get('v') === undefined, 1);
  t.is(await callRemote(child, 'get', 'v'), undefined);
});

test('processes: readers never see a torn value or that of another key', async (t) => {
  const dict = makeDict(t, { size: '4mb' });
  const writers = [startChild(t, 'overwrite', [dict.name]), startChild(t, 'overwrite', [dict.name])];
  await Promise.all(writers.map((child) => child.next()));
  const end = now() + 2;
  let reads = 0;
  while (now() < end) {
    for (let index = 0; index < 200; index += 1) {
      const key = `k${index % 20}`;
      const value = dict.get(key) as string | undefined;
      reads += 1;
      if (value === undefined) continue;
      const [owner, fill] = [value.slice(0, value.indexOf('|')), value.slice(value.indexOf('|') + 1)];
      if (owner !== key || fill !== fill.charAt(0).repeat(fill.length)) t.fail(`${key}: ${value.slice(0, 40)}`);
    }
  }
  t.true(reads > 1000);
  await Promise.all(writers.map((child) => child.kill()));
  t.true(dict.verify().ok);
});
