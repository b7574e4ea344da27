import test from 'ava';
import { ShmKeyValueCache } from 'shmkit/apollo';
import KeyvShmStore from 'shmkit/keyv';
import { koaSessionStore } from 'shmkit/koa-session';
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
