// Express in a cluster: one rate limit and one session store for all workers.
import cluster from 'node:cluster';
import { SharedDict } from 'shmkit';

const PORT = Number(process.env.PORT ?? 3000);
const WORKERS = Number(process.env.WORKERS ?? 4);
const DICTS = ['example-express-limits', 'example-express-sessions'];

if (cluster.isPrimary) {
  // The primary process owns the dictionaries: they outlive every worker, and go when it ends.
  const dicts = DICTS.map((name) => SharedDict.create(name, '16mb'));
  for (let count = 0; count < WORKERS; count += 1) cluster.fork();
  cluster.on('exit', () => cluster.fork());
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      for (const dict of dicts) dict.close();
      process.exit(); // and so do the workers
    });
  }
} else {
  const { createApp } = await import('./app.mjs');
  const [limits, sessions] = DICTS.map((name) => SharedDict.open(name));
  createApp({ limits, sessions }).listen(PORT, '127.0.0.1', () => console.log(`process ${process.pid} listens on http://127.0.0.1:${PORT}`));
}
