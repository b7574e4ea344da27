// The limiter of Express and of those that take the same store.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import express from 'express';
import { MemoryStore, rateLimit } from 'express-rate-limit';
import { slowDown } from 'express-slow-down';
import { Hono } from 'hono';
import { rateLimiter } from 'hono-rate-limiter';
import { ShmRateLimitStore } from 'shmkit/express-rate-limit';
import { BROKEN, foreign, isAtLeast, listen, makeDict, statusesOf } from './host.mjs';

function appWith(middleware) {
  const app = express().use(middleware);
  app.get('/', (_request, response) => response.send('ok'));
  return app.use((_error, _request, response, _next) => response.sendStatus(500));
}

test('express-rate-limit: refuses past the limit, and counts each address apart', async (t) => {
  const dict = makeDict(t);
  const url = await listen(t, appWith(rateLimit({ windowMs: 60_000, limit: 2, keyGenerator: ({ headers }) => headers['x-user'], store: new ShmRateLimitStore(dict) })));
  assert.deepEqual(await statusesOf(url, 3, { headers: { 'x-user': 'ann' } }), [200, 200, 429]);
  assert.deepEqual(await statusesOf(url, 1, { headers: { 'x-user': 'bob' } }), [200]);
});

for (const state of [...Object.keys(BROKEN), 'foreign']) {
  for (const passOnStoreError of [false, true]) {
    test(`express-rate-limit: a ${state} dictionary ${passOnStoreError ? 'lets pass if told to' : 'fails the request'}`, async (t) => {
      const dict = state === 'foreign' ? foreign(t, 'rate-limit:ann') : BROKEN[state](t);
      const url = await listen(t, appWith(rateLimit({ passOnStoreError, keyGenerator: () => 'ann', store: new ShmRateLimitStore(dict) })));
      const [status] = await statusesOf(url, 1);
      // Versions before 7.2 have no such option.
      const canPass = passOnStoreError && isAtLeast(t, 'express-rate-limit', 7, 2);
      assert.equal(status, canPass ? 200 : 500);
    });
  }
}

/** Returns how many hits a store counts, call by call. */
async function hitsOf(store) {
  const seen = [];
  for (const call of ['increment', 'decrement', 'decrement', 'decrement', 'increment', 'increment', 'decrement', 'increment']) {
    seen.push((await store[call]('ann'))?.totalHits);
  }
  return seen;
}

test('express-rate-limit: hits are counted and taken back as in memory', async (t) => {
  const stores = [new MemoryStore(), new ShmRateLimitStore(makeDict(t))];
  for (const store of stores) store.init({ windowMs: 60_000 });
  t.after(() => stores[0].shutdown?.());
  assert.deepEqual(await hitsOf(stores[1]), await hitsOf(stores[0]));
});

test('express-slow-down: delays past its number, over the same store', async (t) => {
  const url = await listen(t, appWith(slowDown({ windowMs: 60_000, delayAfter: 1, delayMs: () => 60, store: new ShmRateLimitStore(makeDict(t), { prefix: 'slow:' }) })));
  const times = [];
  for (let request = 0; request < 2; request += 1) {
    const begun = performance.now();
    await fetch(url);
    times.push(performance.now() - begun);
  }
  assert.ok(times[1] >= 55, `${times}`);
});

test('hono-rate-limiter: refuses past the limit', async (t) => {
  const app = new Hono();
  app.use(rateLimiter({ windowMs: 60_000, limit: 2, keyGenerator: () => 'ann', store: new ShmRateLimitStore(makeDict(t)) }));
  app.get('/', (context) => context.text('ok'));
  const statuses = [];
  for (let request = 0; request < 3; request += 1) statuses.push((await app.request('/')).status);
  assert.deepEqual(statuses, [200, 200, 429]);
});

/** Collects what the framework complains of until the test ends. */
function complaintsOf(t) {
  const complaints = [];
  for (const name of ['error', 'warn']) t.mock.method(console, name, (...parts) => complaints.push(parts.map((part) => part?.code ?? String(part)).join(' ')));
  return complaints;
}

test('express-rate-limit: its checks find nothing to complain of in two limiters of one dictionary', async (t) => {
  const complaints = complaintsOf(t);
  const dict = makeDict(t);
  const limits = ['one:', 'two:'].map((prefix) => rateLimit({ windowMs: 60_000, limit: 9, store: new ShmRateLimitStore(dict, { prefix }) }));
  const url = await listen(t, appWith(limits));
  assert.deepEqual(await statusesOf(url, 2), [200, 200]);
  assert.deepEqual(complaints, []);
  assert.deepEqual([...dict.keys()].map((key) => [key.slice(0, 4), dict.get(key)]).toSorted(), [['one:', 2], ['two:', 2]]);
});

test('express-rate-limit: its checks find a store that serves two limiters, and equal prefixes', async (t) => {
  const complaints = complaintsOf(t);
  const dict = makeDict(t);
  const store = new ShmRateLimitStore(dict);
  const limits = [store, store, new ShmRateLimitStore(dict)].map((each) => rateLimit({ windowMs: 60_000, limit: 9, store: each }));
  const url = await listen(t, appWith(limits));
  await statusesOf(url, 1);
  // The check for stores came with 7.1.
  assert.ok(complaints.some((text) => text.includes('ERR_ERL_DOUBLE_COUNT')), `${complaints}`);
});

for (const [option, status] of [['skipFailedRequests', 500], ['skipSuccessfulRequests', 200]]) {
  test(`express-rate-limit: ${option} takes hits back, which moves no window`, async (t) => {
    const dict = makeDict(t);
    const app = express().use(rateLimit({ windowMs: 60_000, limit: 1, keyGenerator: () => 'ann', [option]: true, store: new ShmRateLimitStore(dict) }));
    const url = await listen(t, app.get('/', (_request, response) => response.sendStatus(status)));
    assert.deepEqual(await statusesOf(url, 3), [status, status, status]);
    while (dict.get('rate-limit:ann') !== 0) await dict.waitFor('rate-limit:ann', { timeout: 1 });
    assert.ok(dict.ttl('rate-limit:ann') < 60);
  });
}

test('express-rate-limit: headers tell what is left, and a key can be shown and reset', async (t) => {
  const middleware = rateLimit({ windowMs: 60_000, limit: 2, standardHeaders: true, legacyHeaders: true, keyGenerator: () => 'ann', store: new ShmRateLimitStore(makeDict(t)) });
  const url = await listen(t, appWith(middleware));
  const { headers } = await fetch(url);
  assert.equal(headers.get('ratelimit-remaining'), '1');
  const left = Number(headers.get('ratelimit-reset'));
  assert.ok(left > 30 && left <= 60, `${left}`);
  const reset = Number(headers.get('x-ratelimit-reset')) - Date.now() / 1000;
  assert.ok(reset > 30 && reset <= 61, `${reset}`);
  // Versions before 7.3 have no getKey.
  if (middleware.getKey) assert.equal((await middleware.getKey('ann')).totalHits, 1);
  const { resetKey } = middleware;
  await resetKey('ann');
  assert.deepEqual(await statusesOf(url, 3), [200, 200, 429]);
});

test('express-rate-limit: a window ends, and the next hit begins another', async (t) => {
  const dict = makeDict(t);
  const url = await listen(t, appWith(rateLimit({ windowMs: 200, limit: 1, keyGenerator: () => 'ann', store: new ShmRateLimitStore(dict) })));
  assert.deepEqual(await statusesOf(url, 1), [200]);
  while (dict.has('rate-limit:ann')) await dict.waitFor('rate-limit:ann', { timeout: 1 });
  assert.deepEqual(await statusesOf(url, 1), [200]);
});

test('express-rate-limit: two servers with a store each share one limit', async (t) => {
  const dict = makeDict(t);
  const urls = await Promise.all([1, 2].map(() => listen(t, appWith(rateLimit({ windowMs: 60_000, limit: 3, keyGenerator: () => 'ann', store: new ShmRateLimitStore(dict) })))));
  const statuses = [];
  for (const url of [...urls, ...urls]) statuses.push(...(await statusesOf(url, 1)));
  assert.deepEqual(statuses, [200, 200, 200, 429]);
});
