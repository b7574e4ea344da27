import { SharedDict } from 'shmkit';
import { ShmRateLimitStore } from 'shmkit/express-rate-limit';
import { ShmSessionStore } from 'shmkit/express-session';

const dict = SharedDict.open(process.argv[2]);
const limits = new ShmRateLimitStore(dict);
limits.init({ windowMs: 600_000 });
const sessions = new ShmSessionStore(dict);

process.on('message', ({ hits, limit, session, user, forever }) => {
  if (forever) for (;;) limits.increment('another');
  if (session === undefined) {
    process.send(Array.from({ length: hits }, () => limits.increment('ann')).filter(({ totalHits }) => totalHits <= limit).length);
  } else if (user === undefined) {
    sessions.get(session, (_error, found) => process.send(found.user));
  } else {
    sessions.set(session, { user, cookie: {} }, () => process.send('stored'));
  }
});
