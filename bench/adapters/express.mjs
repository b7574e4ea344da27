// The Express application with one kind of stores, in a process of its own: node express.mjs memory|shm|server [socket].
import { once } from 'node:events';
import express from 'express';
import { rateLimit } from 'express-rate-limit';
import session from 'express-session';

const [kind, socket] = process.argv.slice(2);

async function storesOf() {
  if (kind === 'memory') return {};
  if (kind === 'shm') {
    const { SharedDict } = await import('shmkit');
    const { ShmRateLimitStore } = await import('shmkit/express-rate-limit');
    const { ShmSessionStore } = await import('shmkit/express-session');
    const dict = SharedDict.create(`bench-express-${process.pid}`, '16mb');
    return { limits: new ShmRateLimitStore(dict), sessions: new ShmSessionStore(dict) };
  }
  const { connect } = await import('./valkey.mjs');
  const { RedisStore: RedisSessions } = await import('connect-redis');
  const { RedisStore: RedisLimits } = await import('rate-limit-redis');
  const { redis } = await connect(socket);
  return { limits: new RedisLimits({ sendCommand: (...args) => redis.sendCommand(args) }), sessions: new RedisSessions({ client: redis }) };
}

const { limits, sessions } = await storesOf();
const app = express();
app.disable('x-powered-by');
app.use(rateLimit({ windowMs: 600_000, limit: 1e9, legacyHeaders: false, ...(limits && { store: limits }) }));
app.use(session({ secret: 's', resave: false, saveUninitialized: true, cookie: { maxAge: 3_600_000 }, ...(sessions && { store: sessions }) }));
app.get('/', (request, response) => {
  request.session.visits = (request.session.visits ?? 0) + 1;
  response.send({ visits: request.session.visits });
});
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
process.on('message', (message) => {
  if (message === 'end') process.exit();
  process.send({ cpu: process.cpuUsage() });
});
process.send({ port: server.address().port });
