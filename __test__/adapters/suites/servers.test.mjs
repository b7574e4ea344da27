// Each adapter in its framework.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import { serialize } from 'node:v8';
import express from 'express';
import { rateLimit } from 'express-rate-limit';
import { rateLimit as rateLimitLowest } from 'express-rate-limit-lowest';
import session from 'express-session';
import fastify from 'fastify';
import { RateLimiterRes } from 'rate-limiter-flexible';
import { SharedDict, SharedRing } from 'shmkit';
import { ShmRateLimitStore } from 'shmkit/express-rate-limit';
import { ShmSessionStore } from 'shmkit/express-session';
import { fastifyRateLimitStore } from 'shmkit/fastify-rate-limit';
import { SharedRegistry } from 'shmkit/prom-client';
import { RateLimiterShm } from 'shmkit/rate-limiter-flexible';
import { createAdapter } from 'shmkit/socket.io';
import { ShmCacheStore } from 'shmkit/undici';
import shmDriver from 'shmkit/unstorage';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { Agent, interceptors, request } from 'undici';
import { createStorage } from 'unstorage';

let made = 0;

function makeDict(t) {
  made += 1;
  const dict = SharedDict.create(`adapters-servers-${process.pid}-${made}`, '4mb');
  t.after(() => dict.close());
  return dict;
}

async function listen(t, handler) {
  const server = http.createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

for (const [version, limiter] of Object.entries({ newest: rateLimit, lowest: rateLimitLowest })) {
  test(`express-rate-limit, ${version}: refuses past the limit`, async (t) => {
    const app = express().use(limiter({ windowMs: 60_000, limit: 2, store: new ShmRateLimitStore(makeDict(t)) }));
    const url = await listen(t, app.get('/', (_request, response) => response.send('ok')));
    const statuses = [];
    for (let hit = 0; hit < 3; hit += 1) statuses.push((await fetch(url)).status);
    assert.deepEqual(statuses, [200, 200, 429]);
  });

  test(`express-rate-limit, ${version}: a closed dictionary refuses, or lets pass if told to`, async (t) => {
    for (const passOnStoreError of version === 'newest' ? [false, true] : [false]) {
      const dict = makeDict(t);
      const app = express().use(limiter({ store: new ShmRateLimitStore(dict), passOnStoreError }));
      app.use((_request, response) => response.send('ok'));
      app.use((_error, _request, response, _next) => response.sendStatus(500));
      const url = await listen(t, app);
      dict.close();
      assert.equal((await fetch(url)).status, passOnStoreError ? 200 : 500);
    }
  });
}

test('express-session: a session is found again, and regenerated', async (t) => {
  const store = new ShmSessionStore(makeDict(t));
  assert.ok(store instanceof session.Store);
  const app = express().use(session({ secret: 's', resave: false, saveUninitialized: false, store, cookie: { maxAge: 60_000 } }));
  app.get('/', (incoming, response) => response.send(String((incoming.session.count = (incoming.session.count ?? 0) + 1))));
  app.get('/new', (incoming, response) => incoming.session.regenerate((error) => response.send(String(error))));
  const url = await listen(t, app);
  const first = await fetch(url);
  const headers = { cookie: first.headers.get('set-cookie').split(';')[0] };
  assert.equal(await (await fetch(url, { headers })).text(), '2');
  await fetch(`${url}/new`, { headers });
  assert.equal(await (await fetch(url, { headers })).text(), '1');
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

test('rate-limiter-flexible: consumes, refuses, blocks and deletes', async (t) => {
  const limiter = new RateLimiterShm({ storeClient: makeDict(t), points: 2, duration: 60 });
  assert.equal((await limiter.consume('a')).isFirstInDuration, true);
  assert.equal((await limiter.consume('a')).remainingPoints, 0);
  await assert.rejects(limiter.consume('a'), (refusal) => refusal instanceof RateLimiterRes || refusal.msBeforeNext > 0);
  await limiter.block('a', 500);
  assert.ok((await limiter.get('a')).msBeforeNext > 100_000);
  assert.equal(await limiter.delete('a'), true);
  assert.equal(await limiter.get('a'), null);
});

test('undici: answers from shared memory, for each variant', async (t) => {
  let asked = 0;
  const url = await listen(t, ({ headers }, response) => {
    asked += 1;
    response.setHeader('cache-control', 'public, max-age=60').setHeader('vary', 'x-a').end(headers['x-a'].repeat(40_000));
  });
  const dispatcher = new Agent().compose(interceptors.cache({ store: new ShmCacheStore(makeDict(t)) }));
  for (const letter of ['x', 'x', 'y', 'x', 'y']) {
    const { body } = await request(url, { dispatcher, headers: { 'x-a': letter } });
    assert.equal(await body.text(), letter.repeat(40_000));
  }
  assert.equal(asked, 2);
});

test('unstorage: keeps items with times to live under a base', async (t) => {
  const storage = createStorage({ driver: shmDriver({ dict: makeDict(t), base: 'u' }) });
  await storage.setItem('a:b', { x: 1 }, { ttl: 60 });
  await storage.setItemRaw('c', Buffer.from('raw'));
  assert.deepEqual(await storage.getItem('a:b'), { x: 1 });
  assert.deepEqual(await storage.getItemRaw('c'), Buffer.from('raw'));
  assert.deepEqual((await storage.getKeys()).toSorted(), ['a:b', 'c']);
  assert.ok((await storage.getMeta('a:b')).ttl > 20);
  await storage.removeItem('a:b');
  assert.deepEqual(await storage.getKeys(), ['c']);
  await storage.clear();
  assert.deepEqual(await storage.getKeys(), []);
});

test('prom-client: one registry shows what another counted', async (t) => {
  const dict = makeDict(t);
  const [one, other] = [new SharedRegistry(dict), new SharedRegistry(dict)];
  for (const registry of [one, other]) registry.counter({ name: 'hits', help: 'Hits', labelNames: ['route'] }).inc({ route: '/' });
  one.histogram({ name: 'time', help: 'Time', buckets: [1, 2] }).observe(1.5);
  const text = await one.metrics();
  for (const line of ['hits{route="/"} 2', 'time_bucket{le="1"} 0', 'time_bucket{le="2"} 1', 'time_bucket{le="+Inf"} 1', 'time_sum 1.5', 'time_count 1']) assert.ok(text.includes(line), line);
});

test('socket.io: a broadcast reaches a socket of another server', async (t) => {
  const name = `adapters-socket-${process.pid}`;
  t.after(() => SharedDict.unlink(`${name}.members`));
  const [one, other] = await Promise.all([1, 2].map(async () => {
    const server = http.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const sockets = new Server(server, { adapter: createAdapter({ name }) });
    t.after(() => sockets.close());
    return { io: sockets, port: server.address().port };
  }));
  const client = io(`http://127.0.0.1:${other.port}`);
  t.after(() => client.close());
  await new Promise((done) => client.on('connect', done));
  const received = new Promise((done) => client.on('hello', (...values) => done(values)));
  one.io.emit('hello', Buffer.from('bytes'), 2);
  assert.deepEqual(await received, [Buffer.from('bytes'), 2]);
});

test('socket.io: bytes of another program, and a missing list of members, end no process', async (t) => {
  const name = `adapters-socket-foreign-${process.pid}`;
  const server = http.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new Server(server, { adapter: createAdapter({ name }) });
  t.after(() => sockets.close());
  const { adapter } = sockets.of('/');
  const members = SharedDict.open(`${name}.members`);
  const [id] = [...members.keys()];
  const ring = SharedRing.open(id);
  for (const bytes of [Buffer.from('not v8'), serialize(5), serialize({ sender: 'a', message: { nsp: 7 } })]) assert.equal(ring.trySend(bytes), true);
  while (adapter.dropped < 3) await new Promise((resolve) => setImmediate(resolve));
  // A member that another program has entered, and one whose ring does not exist.
  members.set('odd', 7);
  members.set(`${name}.gone`, 'pid:[1] 1');
  sockets.emit('hello');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(members.has(`${name}.gone`), false);
  ring.close();
  members.close();
  SharedDict.unlink(`${name}.members`);
  SharedRing.unlink(id);
  sockets.emit('hello');
});
