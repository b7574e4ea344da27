// Caches and sessions of other frameworks. On the server: the framework's own driver, or where it has none, what one has to do at least.
import { InMemoryLRUCache } from '@apollo/utils.keyvaluecache';
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { redisDriver } from 'bentocache/drivers/redis';
import { ShmKeyValueCache } from 'shmkit/apollo';
import { shmDriver } from 'shmkit/bentocache';
import { koaSessionStore } from 'shmkit/koa-session';
import unstorageShm from 'shmkit/unstorage';
import { createStorage } from 'unstorage';
import unstorageMemory from 'unstorage/drivers/memory';
import unstorageRedis from 'unstorage/drivers/redis';
import { KEYS, key, mapped, newDict, SESSION, VALUE, WINDOW } from './stores.mjs';

const CACHE = { size: '16mb', onFull: 'evict' };
const SECONDS = WINDOW / 1000;
const TEXT = JSON.stringify(VALUE);

/** What there is without a server. */
function present(kinds) {
  return Object.fromEntries(Object.entries(kinds).filter(([, kind]) => kind));
}

/** Returns the calls of each kind, after `fill` has stored all keys. */
async function filled({ kinds, end }, fill, make) {
  for (const kind of Object.values(kinds)) for (const each of KEYS) await fill(kind, each);
  return { ...mapped(kinds, make), end };
}

/** Texts on a server, with a lifetime in ms. */
class Texts {
  #valkey;
  #prefix;

  constructor(valkey, prefix) {
    this.#valkey = valkey;
    this.#prefix = prefix;
  }

  async get(each) {
    return (await this.#valkey.get(this.#prefix + each)) ?? undefined;
  }

  async set(each, text, ms) {
    await this.#valkey.set(this.#prefix + each, text, 'PX', ms);
  }
}

function apollo({ valkey }) {
  const texts = valkey && new Texts(valkey, 'apollo:');
  const remote = valkey && { get: (each) => texts.get(each), set: (each, text, { ttl }) => texts.set(each, text, ttl * 1000) };
  return { kinds: present({ memory: new InMemoryLRUCache(), shm: new ShmKeyValueCache(newDict(CACHE)), server: remote }) };
}

function setApollo(cache, each) {
  return cache.set(each, TEXT, { ttl: SECONDS });
}

/** The first level; on the server, the second without a first. */
function bento({ socket }) {
  const stores = {
    memory: bentostore().useL1Layer(memoryDriver()),
    shm: bentostore().useL1Layer(shmDriver({ dict: newDict(CACHE), prefix: 'bento' })),
    server: socket && bentostore().useL2Layer(redisDriver({ connection: { path: socket } })),
  };
  const kinds = mapped(present(stores), (store) => new BentoCache({ default: 'only', stores: { only: store } }));
  return { kinds, end: () => Promise.all(Object.values(kinds).map((each) => each.disconnectAll())) };
}

function setBento(cache, each) {
  return cache.set({ key: each, value: VALUE, ttl: WINDOW });
}

/** In memory a `Map` of the session objects. */
function koa({ valkey }) {
  const map = new Map();
  const texts = valkey && new Texts(valkey, 'koa:');
  const memory = { get: async (each) => map.get(each), set: async (each, session) => void map.set(each, session) };
  const remote = valkey && {
    get: async (each) => JSON.parse(await texts.get(each)),
    set: (each, session, maxAge) => texts.set(each, JSON.stringify(session), maxAge),
  };
  return { kinds: present({ memory, shm: koaSessionStore(newDict()), server: remote }) };
}

function setKoa(store, each) {
  return store.set(each, SESSION, WINDOW);
}

function storages({ socket }) {
  const drivers = {
    memory: unstorageMemory(),
    shm: unstorageShm({ dict: newDict(CACHE), base: 'cache' }),
    server: socket && unstorageRedis({ path: socket, base: 'cache' }),
  };
  const kinds = mapped(present(drivers), (driver) => createStorage({ driver }));
  return { kinds, end: () => Promise.all(Object.values(kinds).map((each) => each.dispose())) };
}

function setItem(storage, each) {
  return storage.setItem(each, VALUE);
}

/** By title, as `STORES`. */
export const MORE = {
  'Apollo get': { prepare: (clients) => filled(apollo(clients), setApollo, (cache) => () => cache.get(key())) },
  'Apollo set': { prepare: (clients) => filled(apollo(clients), setApollo, (cache) => () => setApollo(cache, key())) },
  'Bentocache get': { prepare: (clients) => filled(bento(clients), setBento, (cache) => () => cache.get({ key: key() })) },
  'Bentocache set': { prepare: (clients) => filled(bento(clients), setBento, (cache) => () => setBento(cache, key())) },
  'koa-session get': { prepare: (clients) => filled(koa(clients), setKoa, (store) => () => store.get(key())) },
  'koa-session set': { prepare: (clients) => filled(koa(clients), setKoa, (store) => () => setKoa(store, key())) },
  'unstorage getItem': { prepare: (clients) => filled(storages(clients), setItem, (storage) => () => storage.getItem(key())) },
  'unstorage setItem': { prepare: (clients) => filled(storages(clients), setItem, (storage) => () => setItem(storage, key())) },
};
