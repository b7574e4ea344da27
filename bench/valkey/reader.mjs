// A process that reads keys at random, in one of four ways, and tells how long that took and what its values take.
import { createRequire } from 'node:module';
import { RemoteDict, TieredDict } from 'shmkit/valkey';

const { BasicClientSideCache, createClient } = createRequire(import.meta.url)('redis');
const [url, kind, dir, keys, calls] = process.argv.slice(2);

async function openClient(options = {}) {
  const client = createClient({ url, RESP: 3, ...options });
  await client.connect();
  return client;
}

const WAYS = {
  async plain() {
    const client = await openClient();
    return { read: (key) => client.get(`bench:plain${key}`) };
  },
  async 'client cache'() {
    const client = await openClient({ clientSideCache: new BasicClientSideCache() });
    return { read: (key) => client.get(`bench:plain${key}`) };
  },
  async 'own cache'() {
    const client = await openClient();
    const cache = new Map();
    return {
      async read(key) {
        const found = cache.get(key);
        if (found !== undefined) return found;
        const value = await client.get(`bench:plain${key}`);
        cache.set(key, value);
        return value;
      },
    };
  },
  async tier() {
    const remote = new RemoteDict({ url, prefix: 'bench:' });
    const dict = await TieredDict.open('bench', { remote, dir, maxSize: '4mb' });
    while ((await dict.stats()).suspect) await new Promise((resolve) => setTimeout(resolve, 5));
    return { read: (key) => dict.get(`r${key}`), shared: async () => (await dict.stats()).l1.used };
  },
};

const { read, shared } = await WAYS[kind]();
globalThis.gc?.();
const before = process.memoryUsage().heapUsed;
process.send('ready');
process.once('message', async () => {
  const times = [];
  for (let call = 0; call < Number(calls); call += 1) {
    const begun = performance.now();
    await read(Math.floor(Math.random() * Number(keys)));
    times.push((performance.now() - begun) * 1000);
  }
  times.sort((a, b) => a - b);
  const [p50, p99] = [times[Math.floor(times.length / 2)], times[Math.floor(times.length * 0.99)]];
  times.length = 0;
  globalThis.gc?.();
  process.send({ p50, p99, heap: Math.max(0, process.memoryUsage().heapUsed - before), shared: shared === undefined ? 0 : await shared() });
});
