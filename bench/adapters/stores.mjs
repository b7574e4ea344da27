// What is measured: the same call of a framework's store in memory, in shared memory, and on a server.
import { createRequire } from 'node:module';
import KeyvValkey from '@keyv/valkey';
import { RedisStore as RedisSessions } from 'connect-redis';
import { MemoryStore as MemoryLimits } from 'express-rate-limit';
import session from 'express-session';
import { Keyv } from 'keyv';
import { RedisStore as RedisLimits } from 'rate-limit-redis';
import { RateLimiterMemory, RateLimiterValkey } from 'rate-limiter-flexible';
import { SharedDict } from 'shmkit';
import { ShmRateLimitStore } from 'shmkit/express-rate-limit';
import { ShmSessionStore } from 'shmkit/express-session';
import { fastifyRateLimitStore } from 'shmkit/fastify-rate-limit';
import { KeyvShmStore } from 'shmkit/keyv';
import { RateLimiterShm } from 'shmkit/rate-limiter-flexible';

// Not exported by the package.
const require = createRequire(import.meta.url);
export const WINDOW = 600_000;
export const KEYS = Array.from({ length: 1000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
export const SESSION = { cookie: { originalMaxAge: 3_600_000, expires: new Date(Date.now() + 3_600_000), httpOnly: true, path: '/' }, user: 'ann', visits: 7, cart: [{ id: 1, count: 2 }, { id: 2, count: 1 }] };
export const VALUE = { id: 7, name: 'user 7', mail: 'user7@example.org', roles: ['reader', 'writer'] };

let dicts = 0;
export function newDict(options = { size: '16mb' }) {
  dicts += 1;
  return SharedDict.create(`bench-adapters-${process.pid}-${dicts}`, options);
}

let next = 0;
export function key() {
  next = (next + 1) % KEYS.length;
  return KEYS[next];
}

/** Returns a promise for the result of a call with a callback. */
function promised(call) {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });
}

function limits({ redis }) {
  const memory = new MemoryLimits();
  const shm = new ShmRateLimitStore(newDict());
  const remote = redis && new RedisLimits({ sendCommand: (...args) => redis.sendCommand(args) });
  for (const store of [memory, shm, remote]) store?.init({ windowMs: WINDOW });
  return { memory: () => memory.increment(key()), shm: () => shm.increment(key()), server: remote && (() => remote.increment(key())), end: () => memory.shutdown() };
}

function flexible({ valkey }) {
  const options = { points: 1e9, duration: WINDOW / 1000 };
  const memory = new RateLimiterMemory(options);
  const shm = new RateLimiterShm({ ...options, storeClient: newDict() });
  const remote = valkey && new RateLimiterValkey({ ...options, storeClient: valkey });
  return { memory: () => memory.consume(key()), shm: () => shm.consume(key()), server: remote && (() => remote.consume(key())) };
}

function hit(store) {
  return promised((done) => store.incr(key(), done, WINDOW, 1e9));
}

function fastifyLimits({ valkey }) {
  const Local = require('@fastify/rate-limit/store/LocalStore.js');
  const Remote = require('@fastify/rate-limit/store/RedisStore.js');
  const Shm = fastifyRateLimitStore(newDict());
  const [memory, shm, remote] = [new Local(false, false), new Shm({}), valkey && new Remote(false, false, valkey, 'bench-')];
  return { memory: () => hit(memory), shm: () => hit(shm), server: remote && (() => hit(remote)) };
}

function sessions({ redis }) {
  const stores = {
    memory: new session.MemoryStore(),
    shm: new ShmSessionStore(newDict()),
    server: redis && new RedisSessions({ client: redis }),
  };
  return Object.fromEntries(Object.entries(stores).filter(([, store]) => store));
}

async function sessionSet(clients) {
  return mapped(sessions(clients), (store) => () => promised((done) => store.set(key(), SESSION, done)));
}

async function sessionGet(clients) {
  const stores = sessions(clients);
  for (const store of Object.values(stores)) for (const each of KEYS) await promised((done) => store.set(each, SESSION, done));
  return mapped(stores, (store) => () => promised((done) => store.get(key(), done)));
}

function keyvs({ socket }) {
  const keyvsOf = {
    memory: new Keyv({ store: new Map() }),
    shm: new Keyv({ store: new KeyvShmStore(newDict()) }),
    server: socket && new Keyv({ store: new KeyvValkey(`unix://${socket}`) }),
  };
  return Object.fromEntries(Object.entries(keyvsOf).filter(([, keyv]) => keyv));
}

async function keyvSet(clients) {
  return mapped(keyvs(clients), (keyv) => () => keyv.set(key(), VALUE, WINDOW));
}

async function keyvGet(clients) {
  const all = keyvs(clients);
  for (const keyv of Object.values(all)) for (const each of KEYS) await keyv.set(each, VALUE, WINDOW);
  return mapped(all, (keyv) => () => keyv.get(key()));
}

export function mapped(stores, make) {
  return Object.fromEntries(Object.entries(stores).map(([name, store]) => [name, make(store)]));
}

/** By title: a function that makes one call of each kind; `goal` is at most how many times memory, `server` the least times faster. */
export const STORES = {
  'express-rate-limit increment': { prepare: limits, goal: 2, faster: 20 },
  'rate-limiter-flexible consume': { prepare: flexible, goal: 2, faster: 20 },
  '@fastify/rate-limit incr': { prepare: fastifyLimits, goal: 2, faster: 20 },
  'express-session get': { prepare: sessionGet, goal: 1.3 },
  'express-session set': { prepare: sessionSet, goal: 1.3 },
  'keyv get': { prepare: keyvGet, goal: 1.5 },
  'keyv set': { prepare: keyvSet, goal: 1.5 },
};
