// Responses: pages in a handler of Next.js, and hits of the cache of undici.
import { serialize, deserialize } from 'node:v8';
import { SharedDict } from 'shmkit';
import { createCacheHandler } from 'shmkit/next';
import { ShmCacheStore } from 'shmkit/undici';
import { cacheStores } from 'undici';

const HTML = '<p>A page of some length.</p>'.repeat(300);
const PAGE = { kind: 'APP_PAGE', html: HTML, rscData: Buffer.from(HTML), headers: { 'x-next-cache-tags': 'news,_N_T_/news' }, status: 200, postponed: undefined, segmentData: new Map([['/_tree', Buffer.from('tree')]]) };
const CONTEXT = { kind: 'APP_PAGE', cacheControl: { revalidate: 3600, expire: 86_400 } };
const PATHS = Array.from({ length: 200 }, (_, index) => `/page/${index}`);

let next = 0;
function path() {
  next = (next + 1) % PATHS.length;
  return PATHS[next];
}

/** What a handler over an LRU in memory does at most: it hands out the same object. */
class MemoryHandler {
  #pages = new Map();

  async get(key) {
    return this.#pages.get(key) ?? null;
  }

  async set(key, value, context) {
    this.#pages.set(key, { value, lastModified: Date.now(), cacheControl: context.cacheControl });
  }
}

/** What a handler over Redis has to do at least. */
class ServerHandler {
  #valkey;

  constructor(valkey) {
    this.#valkey = valkey;
  }

  async get(key) {
    const bytes = await this.#valkey.getBuffer(`next:${key}`);
    return bytes && deserialize(bytes);
  }

  async set(key, value, context) {
    await this.#valkey.set(`next:${key}`, serialize({ value, lastModified: Date.now(), cacheControl: context.cacheControl }));
  }
}

const NEXT = `bench-next-${process.pid}`;

function removeDicts() {
  for (const name of [NEXT, `${NEXT}-tags`]) SharedDict.unlink(name);
}

function handlers({ valkey }) {
  const Handler = createCacheHandler({ name: NEXT, size: '64mb' });
  return { kinds: { memory: new MemoryHandler(), shm: new Handler({}), ...(valkey && { server: new ServerHandler(valkey) }) }, end: removeDicts };
}

async function nextGet(clients) {
  const { kinds, end } = handlers(clients);
  for (const handler of Object.values(kinds)) for (const each of PATHS) await handler.set(each, PAGE, CONTEXT);
  return { ...calls(kinds, (handler) => () => handler.get(path(), CONTEXT)), end };
}

async function nextSet(clients) {
  const { kinds, end } = handlers(clients);
  return { ...calls(kinds, (handler) => () => handler.set(path(), PAGE, CONTEXT)), end };
}

function keyOf(each) {
  return { origin: 'http://localhost', method: 'GET', path: each, headers: {} };
}

async function undiciHits() {
  const kinds = { memory: new cacheStores.MemoryCacheStore(), shm: new ShmCacheStore(SharedDict.create(`bench-undici-${process.pid}`, { size: '64mb', onFull: 'evict' })) };
  const now = Date.now();
  const head = { statusCode: 200, statusMessage: 'OK', headers: { 'content-type': 'application/json', 'cache-control': 'max-age=600', date: new Date().toUTCString() }, cacheControlDirectives: { 'max-age': 600 }, cachedAt: now, staleAt: now + 600_000, deleteAt: now + 1_200_000 };
  for (const store of Object.values(kinds)) {
    for (const each of PATHS) {
      await new Promise((resolve) => {
        store.createWriteStream(keyOf(each), head).on('finish', resolve).end(Buffer.alloc(1000, 'x'));
      });
    }
  }
  return calls(kinds, (store) => async () => store.get(keyOf(path())));
}

function calls(kinds, make) {
  return Object.fromEntries(Object.entries(kinds).map(([name, handler]) => [name, make(handler)]));
}

export const CACHES = {
  'Next.js handler get': { prepare: nextGet },
  'Next.js handler set': { prepare: nextSet },
  'undici hit': { prepare: undiciHits },
};
