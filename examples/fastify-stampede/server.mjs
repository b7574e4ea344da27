// Fastify in a cluster, with an endpoint that is slow to compute and asked for by many at once.
import cluster from 'node:cluster';
import { SharedDict } from 'shmkit';

const PORT = Number(process.env.PORT ?? 3000);
const WORKERS = Number(process.env.WORKERS ?? 4);
const NAME = 'example-fastify-cache';

if (cluster.isPrimary) {
  const cache = SharedDict.create(NAME, { size: '32mb', onFull: 'evict' });
  for (let count = 0; count < WORKERS; count += 1) cluster.fork();
  cluster.on('exit', () => cluster.fork());
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      cache.close();
      process.exit(); // and so do the workers
    });
  }
} else {
  const { createApp } = await import('./app.mjs');
  await createApp({ cache: SharedDict.open(NAME) }).listen({ port: PORT, host: '127.0.0.1' });
  console.log(`process ${process.pid} listens on http://127.0.0.1:${PORT}`);
}
