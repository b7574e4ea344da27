import test from 'ava';
import { ShmRateLimitStore } from 'shmkit/express-rate-limit';
import { fastifyRateLimitStore } from 'shmkit/fastify-rate-limit';
import { makeDict } from '../support/dict';

test('express-rate-limit store: counts within a window that only its first hit begins', (t) => {
  const dict = makeDict(t);
  const store = new ShmRateLimitStore(dict, { prefix: 'a:' });
  store.init({ windowMs: 60_000 });
  const first = store.increment('ann');
  dict.expire('a:ann', 5);
  const second = store.increment('ann');
  t.deepEqual([first.totalHits, second.totalHits], [1, 2]);
  t.true((first.resetTime as Date).getTime() > (second.resetTime as Date).getTime());
  t.true((dict.ttl('a:ann') as number) <= 5);
  store.decrement('ann');
  t.is(store.get('ann')?.totalHits, 1);
  store.decrement('unknown');
  t.is(store.get('unknown'), undefined);
});

test('express-rate-limit store: takes back no more hits than there were, as of the same window', (t) => {
  const dict = makeDict(t);
  const store = new ShmRateLimitStore(dict, { prefix: 'a:' });
  store.increment('ann');
  dict.expire('a:ann', 5);
  for (let hit = 0; hit < 3; hit += 1) store.decrement('ann');
  t.is(store.get('ann')?.totalHits, 0);
  t.true((dict.ttl('a:ann') as number) <= 5);
  t.is(store.increment('ann').totalHits, 1);
  dict.set('a:ann', 0.5);
  store.decrement('ann');
  t.is(store.get('ann')?.totalHits, 0);
  dict.set('a:foreign', 'a text');
  t.throws(() => store.decrement('foreign'), { code: 'ERR_SHM_WRONG_TYPE' });
  t.is(dict.get('a:foreign'), 'a text');
});

test('express-rate-limit store: each hit has a count of its own, and a window one end', (t) => {
  const dict = makeDict(t);
  const store = new ShmRateLimitStore(dict);
  const hits = [store.increment('ann'), store.increment('ann'), store.get('ann')];
  t.deepEqual(hits.map((hit) => hit?.totalHits), [1, 2, 2]);
  const ends = hits.map((hit) => hit?.resetTime?.getTime() ?? NaN);
  t.true(Math.max(...ends) - Math.min(...ends) <= 4, `${ends}`);
  store.resetKey('ann');
  store.init({ windowMs: 600_000 });
  t.true((store.increment('ann').resetTime as Date).getTime() > Math.max(...ends) + 300_000);
});

test('express-rate-limit store: counts more clients than it remembers', (t) => {
  const store = new ShmRateLimitStore(makeDict(t));
  const keys = Array.from({ length: 9000 }, (_, index) => `client ${index}`);
  for (const count of [1, 2]) for (const key of keys) if (store.increment(key).totalHits !== count) t.fail(`${key} ${count}`);
  t.is(store.get('client 0')?.totalHits, 2);
});

test('express-rate-limit store: resets one key, or all of its prefix', (t) => {
  const dict = makeDict(t);
  const [one, other] = [new ShmRateLimitStore(dict, { prefix: 'a:' }), new ShmRateLimitStore(dict, { prefix: 'b:' })];
  for (const store of [one, other]) for (const key of ['x', 'y']) store.increment(key);
  one.resetKey('x');
  t.deepEqual([one.get('x'), one.get('y')?.totalHits], [undefined, 1]);
  one.resetAll();
  t.deepEqual([one.get('y'), other.get('y')?.totalHits], [undefined, 1]);
});

test('limiters: a window of 0 is always over, as in memory', (t) => {
  const dict = makeDict(t);
  const express = new ShmRateLimitStore(dict);
  express.init({ windowMs: 0 });
  const fastify = new (fastifyRateLimitStore(dict))({ continueExceeding: true });
  t.deepEqual([1, 2, 3].map(() => express.increment('ann').totalHits), [1, 1, 1]);
  t.deepEqual([1, 2, 3].map(() => answer((done) => fastify.incr('ann', done, 0, 1)).current), [1, 1, 1]);
});

test('limiters: to look at the value of another program is an error, as to count on it', (t) => {
  const dict = makeDict(t);
  const [express, fastify] = [new ShmRateLimitStore(dict), new (fastifyRateLimitStore(dict))({})];
  for (const foreign of ['a text', 7n, null, { a: 1 }]) {
    dict.set('rate-limit:ann', foreign);
    t.throws(() => express.get('ann'), { message: /no count/ });
    t.throws(() => answer((done) => fastify.read('ann', done)), { message: /no count/ });
  }
});

test('express-rate-limit store: throws when the dictionary is closed', (t) => {
  const dict = makeDict(t);
  const store = new ShmRateLimitStore(dict);
  dict.close();
  t.throws(() => store.increment('a'), { code: 'ERR_SHM_CLOSED' });
});

/** Calls a method of the store that answers at once. */
function answer(call: (done: (error: Error | null, result?: { current: number; ttl: number }) => void) => void): { current: number; ttl: number } {
  let answered: { current: number; ttl: number } | undefined;
  call((error, result) => {
    if (error) throw error;
    answered = result;
  });
  return answered as { current: number; ttl: number };
}

test('@fastify/rate-limit store: routes count apart, and read changes nothing', (t) => {
  const store = new (fastifyRateLimitStore(makeDict(t)))({});
  const route = store.child({ routeInfo: { method: 'GET', url: '/slow' } });
  t.is(answer((done) => store.incr('ann', done, 60_000, 5)).current, 1);
  t.is(answer((done) => route.incr('ann', done, 60_000, 5)).current, 1);
  t.is(answer((done) => store.incr('ann', done, 60_000, 5)).current, 2);
  t.is(answer((done) => store.read('ann', done)).current, 2);
  t.deepEqual(answer((done) => store.read('unknown', done)), { current: 0, ttl: 0 });
});

test('@fastify/rate-limit store: no key of one route is a key of another', (t) => {
  const root = new (fastifyRateLimitStore(makeDict(t)))({});
  const route = root.child({ routeInfo: { method: 'POST', url: '/login' } });
  const stores = [root, route, route.child({ routeInfo: { method: '', url: '' } }), root.child({ routeInfo: { method: ['POST', 'PUT'], url: '/login' } })];
  for (const key of ['ann', 'POST /login ann', '["POST","/login"]:ann', ':ann', '["",""]:ann']) {
    for (const store of stores) t.is(answer((done) => store.incr(key, done, 60_000, 5)).current, 1);
  }
});

test('@fastify/rate-limit store: hits past the limit begin the window anew, or lengthen it', (t) => {
  const make = fastifyRateLimitStore(makeDict(t));
  const anew = new make({ continueExceeding: true });
  const growing = new make({ exponentialBackoff: true }).child({ routeInfo: { url: '/' } });
  const hits = (store: typeof anew) => [1, 2, 3].map(() => answer((done) => store.incr('ann', done, 60_000, 1)).ttl);
  t.deepEqual(hits(anew).slice(1), [60_000, 60_000]);
  const both = new make({ continueExceeding: true, exponentialBackoff: true }).child({ routeInfo: { url: '/both' } });
  t.deepEqual(hits(both).slice(1), [60_000, 60_000], 'continueExceeding comes first, as in memory');
  t.deepEqual(hits(growing).slice(1), [60_000, 120_000]);
});

test('@fastify/rate-limit store: hands errors to the callback', (t) => {
  const dict = makeDict(t);
  const store = new (fastifyRateLimitStore(dict))({});
  dict.close();
  t.throws(() => answer((done) => store.incr('a', done, 1000, 1)), { code: 'ERR_SHM_CLOSED' });
});
