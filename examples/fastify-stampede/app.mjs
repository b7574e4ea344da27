// The application of one worker.
import { setTimeout as wait } from 'node:timers/promises';
import rateLimit from '@fastify/rate-limit';
import fastify from 'fastify';
import { fastifyRateLimitStore } from 'shmkit/fastify-rate-limit';

const MAX = Number(process.env.MAX ?? 1_000_000);
const TTL = Number(process.env.TTL ?? 2);

/** Returns an application that caches in this dictionary. */
export function createApp({ cache }) {
  const app = fastify();
  app.register(rateLimit, { max: MAX, timeWindow: 60_000, store: fastifyRateLimitStore(cache) });
  app.register(async (routes) => {
    // However many requests of however many workers ask at once, one worker computes. For 10 s after the ttl, all are
    // answered with the old report while one computes the new.
    routes.get('/report/:id', (request, reply) => {
      reply.header('x-worker', String(process.pid));
      return cache.getOrSet(`report:${request.params.id}`, () => computeReport(cache, request.params.id), { ttl: TTL, staleFor: 10 });
    });
    routes.get('/computed', { config: { rateLimit: false } }, () => ({ computed: cache.get('computed') ?? 0 }));
  });
  return app;
}

/** Takes a quarter of a second, like a query over a large table. */
async function computeReport(cache, id) {
  cache.incr('computed', 1, { init: 0 });
  await wait(250);
  return { id, at: new Date().toISOString(), by: process.pid };
}
