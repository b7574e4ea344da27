// A process that uses every adapter over the dictionaries that its parent names.
import { Cacheable } from 'cacheable';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { SharedDict } from 'shmkit';
import { ShmKeyValueCache } from 'shmkit/apollo';
import { shmDriver as bentoDriver } from 'shmkit/bentocache';
import { ShmRateLimitStore } from 'shmkit/express-rate-limit';
import { ShmSessionStore } from 'shmkit/express-session';
import { fastifyRateLimitStore } from 'shmkit/fastify-rate-limit';
import KeyvShmStore from 'shmkit/keyv';
import { koaSessionStore } from 'shmkit/koa-session';
import { createCacheHandler } from 'shmkit/next';
import { createCacheHandlers } from 'shmkit/next-use-cache';
import { SharedRegistry } from 'shmkit/prom-client';
import { RateLimiterShm } from 'shmkit/rate-limiter-flexible';
import { ShmCacheStore } from 'shmkit/undici';
import shmDriver from 'shmkit/unstorage';

const dict = SharedDict.open(process.argv[2]);
const next = { name: process.argv[3], size: '4mb' };
const WINDOW = 600_000;

function called(call) {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });
}

const express = new ShmRateLimitStore(dict);
express.init({ windowMs: WINDOW });
const fastify = new (fastifyRateLimitStore(dict, { prefix: 'fastify' }))({});
const flexible = new RateLimiterShm({ storeClient: dict, points: 1e9, duration: WINDOW / 1000 });
const counter = new SharedRegistry(dict).counter({ name: 'hits', help: 'Hits' });

/** Each returns the count of hits so far, the new one included. */
const HITS = {
  'express-rate-limit': () => express.increment('ann').totalHits,
  'rate-limiter-flexible': async () => (await flexible.consume('ann')).consumedPoints,
  'fastify-rate-limit': async () => (await called((done) => fastify.incr('ann', done, WINDOW, 1e9))).current,
  'prom-client': async () => {
    counter.inc();
    return (await counter.get()).values[0].value;
  },
};

const sessions = new ShmSessionStore(dict);
const koa = koaSessionStore(dict);
const keyv = new KeyvShmStore(dict);
const keyvOf = (namespace) => new Keyv({ store: new KeyvShmStore(dict), namespace });
const manager = createCache({ stores: [keyvOf('manager')] });
const cacheable = new Cacheable({ primary: keyvOf('cacheable') });
const storage = shmDriver({ dict, base: 'unstorage' });
const apollo = new ShmKeyValueCache(dict, { prefix: 'apollo:' });
const bento = bentoDriver({ dict, prefix: 'bento' }).factory();
const responses = new ShmCacheStore(dict);
const pages = new (createCacheHandler(next))({});
const functions = createCacheHandlers(next);
const responseKey = { origin: 'http://localhost', method: 'GET', path: '/' };

function entryOf(text) {
  return { value: new Response(text).body, tags: ['t'], stale: 60, timestamp: Date.now(), expire: 600, revalidate: 300 };
}

function headOf() {
  return { statusCode: 200, statusMessage: '', headers: {}, cachedAt: Date.now(), staleAt: Date.now() + WINDOW, deleteAt: Date.now() + WINDOW };
}

/** Each has `write(text)` and `read()`, which returns the text. */
const STORES = {
  'express-session': { write: (text) => called((done) => sessions.set('a', { text, cookie: {} }, done)), read: async () => (await called((done) => sessions.get('a', done)))?.text },
  'koa-session': { write: (text) => koa.set('a', { text }, WINDOW), read: async () => (await koa.get('a'))?.text },
  'keyv': { write: (text) => keyv.set('keyv:a', text, WINDOW), read: () => keyv.get('keyv:a') },
  'cache-manager': { write: (text) => manager.set('a', text, WINDOW), read: () => manager.get('a'), revalidate: () => manager.del('a') },
  'cacheable': { write: (text) => cacheable.set('a', text, WINDOW), read: () => cacheable.get('a'), revalidate: () => cacheable.delete('a') },
  'unstorage': { write: (text) => storage.setItem('a', text), read: () => storage.getItem('a') },
  'apollo': { write: (text) => apollo.set('a', text), read: () => apollo.get('a') },
  'bentocache': { write: (text) => bento.set('a', text, WINDOW), read: () => bento.get('a') },
  'undici': { write: (text) => new Promise((resolve) => responses.createWriteStream(responseKey, headOf()).on('finish', resolve).end(text)), read: async () => responses.get(responseKey)?.body.toString() },
  'next': {
    write: (text) => pages.set('/a', { kind: 'APP_ROUTE', body: Buffer.from(text), status: 200, headers: { 'x-next-cache-tags': 't' } }, { kind: 'APP_ROUTE' }),
    read: async () => (await pages.get('/a', { kind: 'APP_ROUTE' }))?.value.body.toString(),
    revalidate: () => pages.revalidateTag('t'),
  },
  'next-use-cache': {
    write: (text) => functions.set('a', Promise.resolve(entryOf(text))),
    read: async () => {
      const found = await functions.get('a', []);
      return found && new Response(found.value).text();
    },
    revalidate: () => functions.updateTags(['t']),
  },
};

const ACTIONS = {
  names: () => ({ hits: Object.keys(HITS), stores: Object.keys(STORES) }),
  hit: async (name, count) => {
    const counts = [];
    for (let hit = 0; hit < count; hit += 1) counts.push(await HITS[name]());
    return counts;
  },
  write: async (name, text) => {
    await STORES[name].write(text);
  },
  read: (name) => STORES[name].read(),
  revalidate: async (name) => {
    if (STORES[name].revalidate === undefined) return false;
    await STORES[name].revalidate();
    return true;
  },
  // Until it is killed, somewhere in the middle of a change.
  forever: async () => {
    process.send({ result: 'started' });
    for (let index = 0; ; index += 1) {
      for (const hit of Object.values(HITS)) await hit();
      for (const { write } of Object.values(STORES)) await write(`forever ${index}`);
    }
  },
};

process.on('message', async ([action, ...args]) => {
  try {
    process.send({ result: await ACTIONS[action](...args) });
  } catch (error) {
    process.send({ failed: String(error.stack) });
  }
});
process.on('disconnect', () => process.exit());
process.send({ result: 'ready' });
