// The session stores in their frameworks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import express from 'express';
import session from 'express-session';
import fastify from 'fastify';
import Koa from 'koa';
import koaSession from 'koa-session';
import { ShmSessionStore } from 'shmkit/express-session';
import { koaSessionStore } from 'shmkit/koa-session';
import { BROKEN, listen, makeDict } from './host.mjs';

const SECRET = 'a secret of thirty-two characters or more';

/** Makes requests with the cookies of the first, and returns the texts. */
async function textsOf(url, paths) {
  let cookie = '';
  const texts = [];
  for (const path of paths) {
    const response = await fetch(url + path, { headers: { cookie } });
    const set = response.headers.getSetCookie();
    if (set.length > 0) cookie = set.map((each) => each.split(';')[0]).join('; ');
    texts.push(await response.text());
  }
  return texts;
}

/** Puts the errors that the application is told into `errors`: a response may have begun. */
function expressApp(store, errors = []) {
  const app = express().use(session({ secret: SECRET, resave: false, saveUninitialized: false, store, cookie: { maxAge: 60_000 } }));
  app.get('/', (incoming, response) => response.send(String((incoming.session.count = (incoming.session.count ?? 0) + 1))));
  app.get('/new', (incoming, response) => incoming.session.regenerate((error) => response.send(String(error))));
  app.get('/end', (incoming, response) => incoming.session.destroy((error) => response.send(String(error))));
  return app.use((error, _request, response, _next) => {
    errors.push(error.code);
    if (!response.headersSent) response.sendStatus(500);
  });
}

test('express-session: a session is found again, regenerated, and destroyed', async (t) => {
  const dict = makeDict(t);
  const store = new ShmSessionStore(dict);
  assert.ok(store instanceof session.Store);
  const url = await listen(t, expressApp(store));
  const texts = await textsOf(url, ['/', '/', '/new', '/', '/end', '/']);
  assert.deepEqual(texts.map((text) => (text === 'undefined' ? 'null' : text)), ['1', '2', 'null', '1', 'null', '1']);
  assert.equal(dict.size, 1);
});

for (const [state, make] of Object.entries(BROKEN)) {
  test(`express-session: a ${state} dictionary is reported to the application`, async (t) => {
    const errors = [];
    const url = await listen(t, expressApp(new ShmSessionStore(make(t)), errors));
    await textsOf(url, ['/']);
    assert.deepEqual(errors, [state === 'closed' ? 'ERR_SHM_CLOSED' : 'ERR_SHM_FULL']);
  });
}

test('express-session: the old session stays when the dictionary has no room for the new', async (t) => {
  const dict = makeDict(t, '64kb');
  const store = new ShmSessionStore(dict);
  const set = (value) => new Promise((resolve) => store.set('a', value, resolve));
  assert.equal(await set({ cookie: {}, user: 'ann' }), null);
  assert.match((await set({ cookie: {}, user: 'x'.repeat(100_000) })).code, /ERR_SHM_(FULL|TOO_LARGE)/u);
  const found = await new Promise((resolve) => store.get('a', (_error, value) => resolve(value)));
  assert.equal(found.user, 'ann');
});

test('express-session: the value of another program is reported, not taken for a session', async (t) => {
  const dict = makeDict(t);
  const store = new ShmSessionStore(dict);
  for (const value of ['not JSON', 7, { user: 'ann' }, '"a text"', '[]', 'null']) {
    dict.set('sess:a', value);
    const { error, found } = await new Promise((resolve) => store.get('a', (...[each, result]) => resolve({ error: each, found: result })));
    assert.ok(error instanceof Error, `${JSON.stringify(value)} gave ${JSON.stringify(found)}`);
  }
});

test('@fastify/session: a session is found again, and destroyed', async (t) => {
  const app = fastify();
  t.after(() => app.close());
  await app.register(import('@fastify/cookie'));
  await app.register(import('@fastify/session'), { secret: SECRET, cookie: { secure: false }, store: new ShmSessionStore(makeDict(t)) });
  app.get('/', async ({ session: found }) => String((found.count = (found.count ?? 0) + 1)));
  app.get('/end', async ({ session: found }) => {
    await found.destroy();
    return 'ended';
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  assert.deepEqual(await textsOf(url, ['/', '/', '/end', '/']), ['1', '2', 'ended', '1']);
});

function koaApp(store) {
  const app = new Koa();
  app.keys = [SECRET];
  app.silent = true;
  app.use((koaSession.default ?? koaSession)({ store, key: 'sid' }, app));
  app.use((context) => {
    if (context.path === '/end') context.session = null;
    else context.session.count = (context.session.count ?? 0) + 1;
    context.body = String(context.session?.count ?? 'ended');
  });
  return app.callback();
}

test('koa-session: a session is found again, and destroyed', async (t) => {
  const dict = makeDict(t);
  const url = await listen(t, koaApp(koaSessionStore(dict)));
  assert.deepEqual(await textsOf(url, ['/', '/', '/end', '/']), ['1', '2', 'ended', '1']);
  assert.equal(dict.size, 1);
});

for (const [state, make] of Object.entries(BROKEN)) {
  test(`koa-session: a ${state} dictionary fails the request`, async (t) => {
    const url = await listen(t, koaApp(koaSessionStore(make(t))));
    assert.deepEqual(await textsOf(url, ['/']), ['Internal Server Error']);
  });
}

test('koa-session: the value of another program is reported, not taken for a session', async (t) => {
  const dict = makeDict(t);
  const store = koaSessionStore(dict);
  for (const value of ['a text', 7, null]) {
    dict.set('koa:a', value);
    await assert.rejects(store.get('a'), TypeError);
  }
});
