// The limiters in their frameworks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import express from 'express';
import { rateLimit } from 'express-rate-limit';
import { slowDown } from 'express-slow-down';
import fastify from 'fastify';
import { Hono } from 'hono';
import { rateLimiter } from 'hono-rate-limiter';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { ShmRateLimitStore } from 'shmkit/express-rate-limit';
import { fastifyRateLimitStore } from 'shmkit/fastify-rate-limit';
import { RateLimiterShm } from 'shmkit/rate-limiter-flexible';
import { BROKEN, listen, makeDict, statusesOf } from './host.mjs';

/** A dictionary whose counter is a text of another program. */
function foreign(t, key) {
  const dict = makeDict(t);
  dict.set(key, 'a text');
  return dict;
}

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
      const canPass = passOnStoreError && 'passOnStoreError' in (await optionsOf(t));
      assert.equal(status, canPass ? 200 : 500);
    });
  }
}

/** Returns the options that the installed express-rate-limit knows: a request shows its configuration. */
async function optionsOf(t) {
  const { readFileSync } = await import('node:fs');
  const { version } = JSON.parse(readFileSync(new URL('../node_modules/express-rate-limit/package.json', import.meta.url), 'utf8'));
  const [major, minor] = version.split('.').map(Number);
  t.diagnostic(`express-rate-limit ${version}`);
  return major > 7 || minor >= 2 ? { passOnStoreError: true } : {};
}

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

test('@fastify/rate-limit: routes with limits of their own count apart', async (t) => {
  const app = fastify();
  t.after(() => app.close());
  await app.register(import('@fastify/rate-limit'), { max: 2, timeWindow: 60_000, store: fastifyRateLimitStore(makeDict(t)) });
  app.get('/', async () => 'ok');
  app.get('/own', { config: { rateLimit: { max: 1, timeWindow: 60_000 } } }, async () => 'ok');
  const statuses = [];
  for (const url of ['/', '/own', '/own', '/', '/']) statuses.push((await app.inject(url)).statusCode);
  assert.deepEqual(statuses, [200, 200, 429, 200, 429]);
});

for (const state of [...Object.keys(BROKEN), 'foreign']) {
  for (const skipOnError of [false, true]) {
    test(`@fastify/rate-limit: a ${state} dictionary ${skipOnError ? 'lets pass if told to' : 'fails the request'}`, async (t) => {
      const dict = state === 'foreign' ? foreign(t, 'rate-limit:ann') : BROKEN[state](t);
      const app = fastify();
      t.after(() => app.close());
      await app.register(import('@fastify/rate-limit'), { skipOnError, keyGenerator: () => 'ann', store: fastifyRateLimitStore(dict) });
      app.get('/', async () => 'ok');
      assert.equal((await app.inject('/')).statusCode, skipOnError ? 200 : 500);
    });
  }
}

test('rate-limiter-flexible: consumes, refuses, rewards, blocks and deletes', async (t) => {
  const limiter = new RateLimiterShm({ storeClient: makeDict(t), points: 2, duration: 60 });
  assert.equal((await limiter.consume('a')).isFirstInDuration, true);
  assert.equal((await limiter.consume('a')).remainingPoints, 0);
  await assert.rejects(limiter.consume('a'), (refusal) => !(refusal instanceof Error) && refusal.msBeforeNext > 0);
  assert.equal((await limiter.reward('a', 2)).consumedPoints, 1);
  await limiter.block('a', 500);
  assert.ok((await limiter.get('a')).msBeforeNext > 100_000);
  assert.equal(await limiter.delete('a'), true);
  assert.equal(await limiter.get('a'), null);
  assert.equal((await limiter.consume('b', 1, { customDuration: 5 })).msBeforeNext <= 5000, true);
  assert.ok((await limiter.consume('c')).msBeforeNext > 50_000);
});

for (const state of [...Object.keys(BROKEN), 'foreign']) {
  test(`rate-limiter-flexible: a ${state} dictionary rejects, or leaves it to the insurance`, async (t) => {
    const dict = state === 'foreign' ? foreign(t, 'rlflx:ann') : BROKEN[state](t);
    await assert.rejects(new RateLimiterShm({ storeClient: dict, points: 2, duration: 60 }).consume('ann'), (error) => error.code.startsWith('ERR_SHM_'));
    const insuranceLimiter = new RateLimiterMemory({ points: 2, duration: 60 });
    const insured = new RateLimiterShm({ storeClient: dict, points: 2, duration: 60, insuranceLimiter });
    assert.equal((await insured.consume('ann')).remainingPoints, 1);
  });
}
