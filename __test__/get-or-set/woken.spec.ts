import test from 'ava';
import { startChild } from '../support/child';
import { makeDict } from '../support/dict';
import { until } from '../support/clock';

const ends: Record<string, () => string | undefined | Promise<string>> = {
  'is stored': () => 'loaded',
  fails: () => Promise.reject(new Error('no value')),
  'gives nothing': () => undefined,
};

for (const [title, end] of Object.entries(ends)) {
  test(`getOrSet: callers in another process go on when the load ${title}`, async (t) => {
    const dict = makeDict(t);
    const child = startChild(t, 'get-or-set', [dict.name]);
    await child.next();
    let finish: (() => void) | undefined;
    const mine: Promise<unknown> = dict.getOrSet('a', () => new Promise<void>((resolve) => (finish = resolve)).then(end)).catch(() => 'failed');
    await until(() => finish !== undefined);
    const theirs = child.ask<{ value: string }>({ key: 'a', delay: 0 });
    finish?.();
    const value = await mine;
    t.regex((await theirs).value, value === 'loaded' ? /^loaded$/ : /^loaded by/);
  });
}

test('getOrSet: callers in another process get a value that is set during the load', async (t) => {
  const dict = makeDict(t);
  const child = startChild(t, 'get-or-set', [dict.name]);
  await child.next();
  let finish: (() => void) | undefined;
  const mine = dict.getOrSet('a', () => new Promise<string>((resolve) => (finish = () => resolve('late'))));
  await until(() => finish !== undefined);
  const theirs = child.ask<{ value: string }>({ key: 'a', delay: 0 });
  dict.set('a', 'set');
  t.is((await theirs).value, 'set');
  finish?.();
  t.is(await mine, 'late');
});

test('getOrSet ends its wait for another process when its caller times out', async (t) => {
  const dict = makeDict(t);
  const child = startChild(t, 'get-or-set', [dict.name]);
  await child.next();
  child.process.send({ key: 'a', delay: 1e6 });
  await until(() => dict.get('loads') === 1);
  await t.throwsAsync(dict.getOrSet('a', () => 'mine', { timeout: 0.02 }), { code: 'ERR_SHM_TIMEOUT' });
  await child.kill();
  t.is(await dict.getOrSet('a', () => 'mine'), 'mine');
});
