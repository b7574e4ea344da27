// The session stores as those of other packages are tested: the calls of a store, and what its framework makes of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import express from 'express';
import session from 'express-session';
import fastify from 'fastify';
import Koa from 'koa';
import koaSession from 'koa-session';
import { ShmSessionStore } from 'shmkit/express-session';
import { koaSessionStore } from 'shmkit/koa-session';
import { listen, makeDict } from './host.mjs';

const SECRET = 'a secret of thirty-two characters or more';

/** Returns the store with calls that return promises. */
function promised(store) {
  const call = (name) => (...args) => new Promise((resolve, reject) => store[name](...args, (error, result) => (error ? reject(error) : resolve(result))));
  return Object.fromEntries(['get', 'set', 'touch', 'destroy', 'all', 'ids', 'length', 'clear'].map((name) => [name, call(name)]));
}

function cookieIn(ms) {
  return { cookie: { expires: new Date(Date.now() + ms).toISOString() } };
}

test('express-session store: the life of sessions', async (t) => {
  const dict = makeDict(t);
  const store = promised(new ShmSessionStore(dict));
  await store.set('123', { foo: 'bar' });
  assert.deepEqual(await store.get('123'), { foo: 'bar' });
  assert.ok(dict.ttl('sess:123') > 86_300);
  await store.set('456', cookieIn(60_000));
  assert.ok(dict.ttl('sess:456') <= 60);
  await store.touch('456', cookieIn(90_000));
  assert.ok(dict.ttl('sess:456') > 60);
  assert.deepEqual([await store.length(), (await store.ids()).toSorted(), (await store.all()).length], [2, ['123', '456'], 2]);
  await store.destroy('456');
  await store.destroy('456');
  assert.equal(await store.get('456'), null);
  await store.set('789', cookieIn(60_000));
  await store.set('789', cookieIn(-60_000));
  assert.deepEqual(await store.ids(), ['123']);
  await store.clear();
  assert.equal(await store.length(), 0);
});

test('express-session store: a thousand sessions, and calls without a callback', async (t) => {
  const plain = new ShmSessionStore(makeDict(t));
  const store = promised(plain);
  for (let id = 0; id < 1000; id += 1) plain.set(`s${id}`, cookieIn(60_000));
  assert.equal(await store.length(), 1000);
  plain.destroy('s0');
  plain.touch('s1', cookieIn(90_000));
  assert.equal((await store.ids()).length, 999);
  plain.clear();
  assert.equal(await store.length(), 0);
});

test('express-session store: what get returns is the own object of its caller', async (t) => {
  const store = promised(new ShmSessionStore(makeDict(t)));
  await store.set('a', { cart: [1], cookie: {} });
  (await store.get('a')).cart.push(2);
  assert.deepEqual((await store.get('a')).cart, [1]);
});

/** Returns a client that keeps cookies, and the bodies of its requests. */
function clientOf(url) {
  let cookie = '';
  return async (path) => {
    const response = await fetch(url + path, { headers: { cookie } });
    const set = response.headers.getSetCookie();
    if (set.length > 0) cookie = set.map((each) => each.split(';')[0]).join('; ');
    return { text: await response.text(), isNewCookie: set.length > 0, cookie };
  };
}

function expressApp(store, options) {
  const app = express().use(session({ secret: SECRET, resave: false, saveUninitialized: false, store, cookie: { maxAge: 60_000 }, ...options }));
  app.get('/count', (request, response) => response.send(String((request.session.count = (request.session.count ?? 0) + 1))));
  app.get('/look', (request, response) => response.send(String(request.session.count)));
  app.get('/nothing', (_request, response) => response.send('nothing'));
  app.get('/short', (request, response) => {
    request.session.cookie.maxAge = 1000;
    response.send('short');
  });
  app.get('/reload', (request, response) => {
    request.session.count = 99;
    request.session.reload((error) => response.send(String(error ?? request.session.count)));
  });
  app.get('/id', (request, response) => {
    const before = request.sessionID;
    request.session.regenerate(() => {
      request.session.count = 1;
      response.send(String(request.sessionID !== before));
    });
  });
  app.get('/unset', (request, response) => {
    request.session = null;
    response.send('unset');
  });
  return app;
}

test('express-session: a session that does not change is only touched, and untouched ones are not made', async (t) => {
  const dict = makeDict(t);
  const ask = clientOf(await listen(t, expressApp(new ShmSessionStore(dict))));
  assert.equal((await ask('/nothing')).isNewCookie, false);
  assert.equal(dict.size, 0);
  await ask('/count');
  const [key] = dict.keys();
  dict.expire(key, 5);
  const { cookie: { expires, ...cookie }, ...data } = JSON.parse(dict.get(key));
  assert.equal((await ask('/look')).text, '1');
  assert.ok(dict.ttl(key) > 30);
  // Only the expiry moves, and that of the cookie with it, as in memory.
  const touched = JSON.parse(dict.get(key));
  assert.ok(new Date(touched.cookie.expires) >= new Date(expires));
  assert.deepEqual({ ...touched, cookie: { ...touched.cookie, expires: undefined } }, { ...data, cookie: { ...cookie, expires: undefined } });
  await ask('/short');
  assert.ok(dict.ttl(key) <= 1);
});

test('express-session: reload, regenerate, rolling cookies and unset', async (t) => {
  const dict = makeDict(t);
  const ask = clientOf(await listen(t, expressApp(new ShmSessionStore(dict), { rolling: true, unset: 'destroy' })));
  assert.equal((await ask('/count')).text, '1');
  assert.equal((await ask('/reload')).text, '1');
  assert.equal((await ask('/look')).isNewCookie, true);
  assert.equal((await ask('/id')).text, 'true');
  assert.equal(dict.size, 1);
  assert.equal((await ask('/unset')).text, 'unset');
  assert.equal(dict.size, 0);
  assert.equal((await ask('/look')).text, 'undefined');
});

test('express-session: two servers share sessions, and one that expired is none', async (t) => {
  const dict = makeDict(t);
  const urls = [await listen(t, expressApp(new ShmSessionStore(dict))), await listen(t, expressApp(new ShmSessionStore(dict)))];
  const { cookie } = await clientOf(urls[0])('/count');
  const read = async (url, path) => (await fetch(url + path, { headers: { cookie } })).text();
  assert.deepEqual([await read(urls[1], '/count'), await read(urls[0], '/count')], ['2', '3']);
  const [key] = dict.keys();
  dict.expire(key, 0.001);
  while (dict.has(key)) await dict.waitFor(key, { timeout: 60 });
  assert.equal(await read(urls[1], '/look'), 'undefined');
});

test('express-session: with resave, two requests at a time leave one of both sessions, whole', async (t) => {
  const dict = makeDict(t);
  const url = await listen(t, expressApp(new ShmSessionStore(dict), { resave: true }));
  const { cookie } = await clientOf(url)('/count');
  await Promise.all(Array.from({ length: 8 }, () => fetch(`${url}/count`, { headers: { cookie } })));
  const [key] = dict.keys();
  const { count } = JSON.parse(dict.get(key));
  assert.ok(count >= 2 && count <= 9, `${count}`);
});

test('@fastify/session: rolling responses move the expiry, and servers share sessions', async (t) => {
  const dict = makeDict(t);
  const start = async () => {
    const app = fastify();
    t.after(() => app.close());
    await app.register(import('@fastify/cookie'));
    await app.register(import('@fastify/session'), { secret: SECRET, cookie: { secure: false, maxAge: 60_000 }, rolling: true, store: new ShmSessionStore(dict) });
    app.get('/count', async ({ session: found }) => String((found.count = (found.count ?? 0) + 1)));
    app.get('/id', (incoming) => incoming.session.regenerate(['count']).then(() => String(incoming.session.count)));
    return app.listen({ port: 0, host: '127.0.0.1' });
  };
  const [one, other] = [await start(), await start()];
  const ask = clientOf(one);
  const { cookie } = await ask('/count');
  const [key] = dict.keys();
  dict.expire(key, 5);
  assert.equal(await (await fetch(`${other}/count`, { headers: { cookie } })).text(), '2');
  assert.ok(dict.ttl(key) > 30);
  assert.equal((await ask('/id')).text, '2');
  assert.equal((await ask('/count')).text, '3');
});

function koaApp(t, store, options, events = []) {
  const app = new Koa();
  app.keys = [SECRET];
  app.silent = true;
  for (const name of ['missed', 'expired', 'invalid']) app.on(`session:${name}`, () => events.push(name));
  app.use((koaSession.default ?? koaSession)({ store, maxAge: 60_000, ...options }, app));
  app.use((context) => {
    if (context.path === '/count') context.session.count = (context.session.count ?? 0) + 1;
    if (context.path === '/text') context.session = { count: ';' };
    context.body = String(context.path === '/nothing' ? 'nothing' : context.session.count);
  });
  return listen(t, app.callback());
}

test('koa-session: makes no session unasked, keeps texts with a semicolon, and reports what it misses', async (t) => {
  const dict = makeDict(t);
  const events = [];
  const ask = clientOf(await koaApp(t, koaSessionStore(dict), {}, events));
  assert.equal((await ask('/nothing')).isNewCookie, false);
  assert.equal(dict.size, 0);
  await ask('/text');
  assert.equal((await ask('/look')).text, ';');
  const [key] = dict.keys();
  // koa-session gives the store ten seconds more than the cookie.
  assert.ok(dict.ttl(key) > 40 && dict.ttl(key) <= 70);
  dict.delete(key);
  assert.equal((await ask('/look')).text, 'undefined');
  assert.deepEqual(events, ['missed']);
});

test('koa-session: rolling and renewed sessions move the expiry, those of the browser have the default', async (t) => {
  for (const [options, most] of [[{ rolling: true }, 70], [{ renew: true, maxAge: 60_000 }, 70], [{ maxAge: 'session' }, 86_400]]) {
    const dict = makeDict(t);
    const ask = clientOf(await koaApp(t, koaSessionStore(dict), options));
    await ask('/count');
    const [key] = dict.keys();
    assert.ok(dict.ttl(key) > most - 30 && dict.ttl(key) <= most, `${dict.ttl(key)}`);
    dict.expire(key, 5);
    await ask('/look');
    if (options.rolling) assert.ok(dict.ttl(key) > 30);
    assert.equal((await ask('/count')).text, '2');
  }
});

test('koa-session: a session whose time in the cookie is over is expired', async (t) => {
  const dict = makeDict(t);
  const events = [];
  const ask = clientOf(await koaApp(t, koaSessionStore(dict), { maxAge: 50 }, events));
  await ask('/count');
  const [key] = dict.keys();
  const { _expire: expire } = dict.get(key);
  while (Date.now() <= expire) await dict.waitFor(key, { timeout: 0.01 });
  assert.equal((await ask('/look')).text, 'undefined');
  assert.deepEqual(events, ['expired']);
});
