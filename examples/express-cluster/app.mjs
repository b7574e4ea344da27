// The application of one worker.
import express from 'express';
import { rateLimit } from 'express-rate-limit';
import session from 'express-session';
import { ShmRateLimitStore } from 'shmkit/express-rate-limit';
import { ShmSessionStore } from 'shmkit/express-session';

/** Returns an application whose limits and sessions are in these dictionaries. */
export function createApp({ limits, sessions, limit = Number(process.env.LIMIT ?? 1000) }) {
  const app = express();
  app.disable('x-powered-by');
  app.use((_request, response, next) => {
    response.set('x-worker', String(process.pid));
    next();
  });
  app.use(
    session({
      store: new ShmSessionStore(sessions),
      secret: process.env.SECRET ?? 'an example, so not secret',
      cookie: { maxAge: 60 * 60 * 1000 },
      resave: false,
      saveUninitialized: false,
    }),
  );
  app.get('/login/:user', (request, response, next) => {
    request.session.regenerate((error) => {
      if (error) return next(error);
      request.session.user = request.params.user;
      response.send(`hello ${request.params.user}\n`);
    });
  });
  app.get('/me', (request, response) => {
    if (request.session.user === undefined) return response.status(401).send('who are you?\n');
    request.session.visits = (request.session.visits ?? 0) + 1;
    response.send({ user: request.session.user, visits: request.session.visits });
  });
  app.get('/', rateLimit({ windowMs: 60_000, limit, store: new ShmRateLimitStore(limits, { prefix: 'home:' }), legacyHeaders: false }), (_request, response) => {
    response.send('ok\n');
  });
  return app;
}
