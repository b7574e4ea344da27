// One page of metrics for a cluster: any worker answers for all.
import cluster from 'node:cluster';
import http from 'node:http';
import { SharedDict } from 'shmkit';
import { SharedRegistry } from 'shmkit/prom-client';

const PORT = Number(process.env.PORT ?? 3000);
const WORKERS = Number(process.env.WORKERS ?? 4);
const NAME = 'example-prometheus';

function startPrimary() {
  const dict = SharedDict.create(NAME, '4mb');
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
  const registry = new SharedRegistry(SharedDict.open(NAME));
  const requests = registry.counter({ name: 'http_requests_total', help: 'Requests, by route', labelNames: ['route'] });
  const seconds = registry.histogram({ name: 'http_request_seconds', help: 'Time to answer', buckets: [0.001, 0.01, 0.1, 1] });
  const active = registry.gauge({ name: 'http_requests_active', help: 'Requests being answered' });

  const server = http.createServer(async (request, response) => {
    response.setHeader('x-worker', process.pid);
    if (request.url === '/metrics') {
      response.setHeader('content-type', registry.contentType).end(await registry.metrics());
      return;
    }
    active.inc();
    const stop = seconds.startTimer();
    response.on('close', () => {
      stop();
      active.dec();
    });
    requests.inc({ route: request.url });
    response.end('done\n');
  });
  server.listen(PORT, '127.0.0.1', () => console.log(`process ${process.pid} listens on http://127.0.0.1:${PORT}`));
}

if (cluster.isPrimary) startPrimary();
else startWorker();
