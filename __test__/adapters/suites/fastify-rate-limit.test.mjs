// The store of @fastify/rate-limit in its framework.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify from 'fastify';
import { fastifyRateLimitStore } from 'shmkit/fastify-rate-limit';
import { BROKEN, foreign, isAtLeast, makeDict } from './host.mjs';

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

async function appOf(t, options, routes = (app) => app.get('/', async () => 'ok')) {
  const app = fastify();
  t.after(() => app.close());
  await app.register(import('@fastify/rate-limit'), { keyGenerator: () => 'ann', timeWindow: 60_000, ...options });
  routes(app);
  await app.ready();
  return app;
}

async function answersOf(app, urls) {
  const answers = [];
  for (const url of urls) answers.push(await app.inject(url));
  return answers;
}

test('@fastify/rate-limit: headers tell what is left', async (t) => {
  const app = await appOf(t, { max: 2, store: fastifyRateLimitStore(makeDict(t)) });
  const answers = await answersOf(app, ['/', '/', '/']);
  assert.deepEqual(answers.map(({ headers }) => Number(headers['x-ratelimit-remaining'])), [1, 0, 0]);
  assert.ok(answers.every(({ headers }) => Number(headers['x-ratelimit-reset']) > 30 && Number(headers['x-ratelimit-reset']) <= 60));
  assert.equal(answers[2].statusCode, 429);
  assert.ok(Number(answers[2].headers['retry-after']) > 30);
});

test('@fastify/rate-limit: hits past the limit begin the window anew, or double it', async (t) => {
  for (const [option, least, most] of [['continueExceeding', 59, 60], ['exponentialBackoff', 61, 120]]) {
    const dict = makeDict(t);
    const app = await appOf(t, { max: 1, [option]: true, store: fastifyRateLimitStore(dict) });
    await answersOf(app, ['/', '/', '/']);
    const left = dict.ttl('rate-limit:ann');
    assert.ok(left > least - 20 && left <= most, `${option}: ${left}`);
  }
});

test('@fastify/rate-limit: bans those that go on, and groups of routes count together', async (t) => {
  const banning = await appOf(t, { max: 1, ban: 1, store: fastifyRateLimitStore(makeDict(t)) });
  assert.deepEqual((await answersOf(banning, ['/', '/', '/'])).map(({ statusCode }) => statusCode), [200, 429, 403]);
});

test('@fastify/rate-limit: two applications with a store each share one limit', async (t) => {
  const dict = makeDict(t);
  const [one, other] = [await appOf(t, { max: 3, store: fastifyRateLimitStore(dict) }), await appOf(t, { max: 3, store: fastifyRateLimitStore(dict) })];
  const statuses = [];
  for (const app of [one, other, one, other]) statuses.push((await app.inject('/')).statusCode);
  assert.deepEqual(statuses, [200, 200, 200, 429]);
  const apart = await appOf(t, { max: 1, store: fastifyRateLimitStore(dict, { prefix: 'shop' }) });
  assert.equal((await apart.inject('/')).statusCode, 200);
});

test('@fastify/rate-limit: a limit that is only looked at is not used up', async (t) => {
  const app = await appOf(t, { max: 2, global: false, store: fastifyRateLimitStore(makeDict(t)) }, (each) => {
    const check = each.createRateLimit();
    each.get('/', (incoming) => check(incoming, { increment: incoming.query.look === undefined }).then(({ remaining }) => String(remaining)));
  });
  const remaining = (await answersOf(app, ['/?look', '/', '/?look', '/?look', '/'])).map(({ body }) => Number(body));
  // Before version 11 every check counts.
  assert.deepEqual(remaining, isAtLeast(t, '@fastify/rate-limit', 11) ? [2, 1, 1, 1, 0] : [1, 0, 0, 0, 0]);
});
