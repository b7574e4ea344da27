import test from 'ava';
import { ShmKeyValueCache } from 'shmkit/apollo';
import KeyvShmStore from 'shmkit/keyv';
import { shmDriver } from 'shmkit/bentocache';
import { koaSessionStore } from 'shmkit/koa-session';
import unstorageDriver from 'shmkit/unstorage';
import { throwsShm } from '../support/throws';
import { makeDict } from '../support/dict';

test('keyv store: times are ms, none is no expiry, and one that is over removes the key', async (t) => {
  const dict = makeDict(t);
  const store = new KeyvShmStore(dict);
  t.true(await store.set('a', 'x', 50_000));
  const ttl = dict.ttl('a') as number;
  t.true(ttl > 20 && ttl <= 50);
  await store.set('a', 'x');
  t.is(dict.ttl('a'), 0);
  t.true(await store.set('a', 'x', -1));
  t.false(dict.has('a'));
});

test('keyv store: Infinity is no expiry, and a time that is no number is refused', async (t) => {
  const dict = makeDict(t);
  const store = new KeyvShmStore(dict);
  dict.set('a', 'old', 50);
  t.true(await store.set('a', 'x', Infinity));
  t.is(dict.ttl('a'), 0);
  await t.throwsAsync(store.set('a', 'y', NaN), { code: 'ERR_OUT_OF_RANGE' });
  t.is(await store.get('a'), 'x');
  t.deepEqual(await store.setMany([{ key: 'b', value: 1, ttl: Infinity }, { key: 'c', value: 2 }]), [true, true]);
});

test('keyv store: has no namespace of its own before Keyv sets one', async (t) => {
  const dict = makeDict(t);
  const store = new KeyvShmStore(dict);
  t.false('namespace' in store);
  store.namespace = 'one';
  for (const key of ['one:a', 'one:b', 'two:a', 'oneself']) await store.set(key, key);
  const seen: string[] = [];
  for await (const [key] of store.iterator('one')) seen.push(key);
  t.deepEqual(seen.toSorted(), ['one:a', 'one:b']);
  await store.clear();
  t.deepEqual([...dict.keys()].toSorted(), ['oneself', 'two:a']);
});

test('keyv store: setMany says for each entry whether it was stored when the dictionary is full', async (t) => {
  const dict = makeDict(t, { size: '64kb' });
  dict.set('a', 0);
  dict.set('c', 0, 1);
  throwsShm(t, () => { for (let n = 0; ; n += 1) dict.set(`filler-${n}`, 'x'.repeat(1000)); }, 'ERR_SHM_FULL');
  const store = new KeyvShmStore(dict);
  const codes: string[] = [];
  store.on('error', ({ code }) => codes.push(code));
  const large = 'x'.repeat(5000);
  t.deepEqual(await store.setMany([{ key: 'a', value: 1 }, { key: 'b', value: large }, { key: 'c', value: 2, ttl: 1000 }]), [true, false, true]);
  t.deepEqual(codes, ['ERR_SHM_FULL']);
  await t.throwsAsync(store.set('b', large), { code: 'ERR_SHM_FULL' });
});

test('keyv store: rejects when the dictionary is closed', async (t) => {
  const dict = makeDict(t);
  const store = new KeyvShmStore(dict);
  dict.close();
  await t.throwsAsync(store.get('a'), { code: 'ERR_SHM_CLOSED' });
});

test('Apollo cache: null is for ever, no time is the default, and long keys are told apart', async (t) => {
  const dict = makeDict(t);
  const cache = new ShmKeyValueCache(dict, { ttl: 50 });
  await cache.set('a', '1');
  await cache.set('b', '2', { ttl: null });
  t.true((dict.ttl('a') as number) > 20);
  t.is(dict.ttl('b'), 0);
  const [one, other] = ['x'.repeat(100_000), `${'x'.repeat(99_999)}y`];
  await cache.set(one, '1');
  t.deepEqual([await cache.get(one), await cache.get(other)], ['1', undefined]);
  t.true(await cache.delete(one));
});

test('Bentocache driver: a time of 0 is none, as for Bentocache, and long keys are told apart', (t) => {
  const dict = makeDict(t);
  const driver = shmDriver({ dict, prefix: 'b' }).factory() as { get(key: string): string | undefined; set(key: string, value: string, ttl?: number): boolean };
  for (const ttl of [0, Infinity, undefined]) {
    driver.set('a', 'x', ttl);
    t.deepEqual([driver.get('a'), dict.ttl('b:a')], ['x', 0], `${ttl}`);
  }
  driver.set('a', 'x', -1);
  t.is(driver.get('a'), undefined);
  const [one, other] = ['x'.repeat(100_000), `${'x'.repeat(99_999)}y`];
  driver.set(one, '1');
  t.deepEqual([driver.get(one), driver.get(other)], ['1', undefined]);
});

test('unstorage driver: null and Infinity are no expiry, and a time below 0 is over', (t) => {
  const dict = makeDict(t);
  const driver = unstorageDriver({ dict, base: 'u' });
  for (const ttl of [null, Infinity, undefined, 0]) {
    driver.setItem('a', 'x', { ttl });
    t.deepEqual([driver.getItem('a'), dict.ttl('u:a')], ['x', 0], `${ttl}`);
  }
  driver.setItem('a', 'x', { ttl: -1 });
  t.is(driver.getItem('a'), null);
});

test('koa-session store: a default time of 0 is none', async (t) => {
  const dict = makeDict(t);
  const store = koaSessionStore(dict, { ttl: 0 });
  await store.set('a', { user: 'ann' }, 'session');
  t.deepEqual(await store.get('a'), { user: 'ann' });
  t.is(dict.ttl('koa:a'), 0);
});

test('koa-session store: goes by maxAge, and by its default for sessions without', async (t) => {
  const dict = makeDict(t);
  const store = koaSessionStore(dict, { prefix: 'koa:', ttl: 20 });
  const session = { at: new Date(0), user: 'ann' };
  await store.set('a', session, 100_000);
  t.deepEqual(await store.get('a'), session);
  t.true((dict.ttl('koa:a') as number) > 20);
  await store.set('a', session, 'session');
  t.true((dict.ttl('koa:a') as number) <= 20);
  await store.set('a', session, 0);
  t.is(await store.get('a'), undefined);
  await store.set('a', session);
  await store.destroy('a');
  t.is(await store.get('a'), undefined);
});
