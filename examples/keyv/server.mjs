// cache-manager over Keyv over shared memory: what one worker has loaded, all have.
import cluster from 'node:cluster';
import http from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { SharedDict } from 'shmkit';
import KeyvShmStore from 'shmkit/keyv';

const PORT = Number(process.env.PORT ?? 3000);
const WORKERS = Number(process.env.WORKERS ?? 2);
const NAME = 'example-keyv';

function startPrimary() {
  const dict = SharedDict.create(NAME, { size: '32mb', onFull: 'evict' });
  for (let count = 0; count < WORKERS; count += 1) cluster.fork();
  cluster.on('exit', () => cluster.fork());
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      dict.close();
      process.exit(); // and so do the workers
    });
  }
}

function startWorker() {
  const dict = SharedDict.open(NAME);
  const keyv = new Keyv({ store: new KeyvShmStore(dict), namespace: 'users' });
  keyv.on('error', (error) => console.error(error));
  const cache = createCache({ stores: [keyv], ttl: 60_000 });

  async function answer({ method, url }) {
    const [, kind, id] = url.split('/');
    if (kind === 'loads') return { loads: dict.get('loads') ?? 0 };
    if (kind !== 'user') return undefined;
    if (method === 'DELETE') return { deleted: await cache.del(id) };
    return cache.wrap(id, () => loadUser(dict, id));
  }

  const server = http.createServer(async (request, response) => {
    const result = await answer(request);
    response.writeHead(result === undefined ? 404 : 200, { 'content-type': 'application/json', 'x-worker': process.pid });
    response.end(JSON.stringify(result ?? { error: 'not found' }));
  });
  server.listen(PORT, '127.0.0.1', () => console.log(`process ${process.pid} listens on http://127.0.0.1:${PORT}`));
}

/** Takes 50 ms, like a query. */
async function loadUser(dict, id) {
  dict.incr('loads', 1, { init: 0 });
  await wait(50);
  return { id, name: `user ${id}`, loadedBy: process.pid };
}

if (cluster.isPrimary) startPrimary();
else startWorker();
