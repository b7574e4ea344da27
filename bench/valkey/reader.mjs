// A process that reads keys at random, in one of four ways, and tells how long that took and what its values take.
import { createRequire } from 'node:module';
import { RemoteDict, TieredDict } from 'shmkit/valkey';

const WARM_UP = 5000;
const { BasicClientSideCache, createClient } = createRequire(import.meta.url)('redis');
const [url, kind, dir, keys, calls, size] = process.argv.slice(2);

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
    const dict = await TieredDict.open('bench', { remote, dir, maxSize: size });
    while ((await dict.stats()).suspect) await new Promise((resolve) => setTimeout(resolve, 5));
    return { read: (key) => dict.get(`r${key}`) };
  },
};

/** Bytes in use on the heap, after everything else was collected. */
async function heap() {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().heapUsed;
}

const { read } = await WAYS[kind]();
// What the code itself takes on the heap once it is compiled is no value. These keys are missing on the server.
for (let call = 0; call < WARM_UP; call += 1) await read(-1 - (call % 2));
const before = await heap();
process.send('ready');
process.once('message', async () => {
  const times = new Float64Array(Number(calls));
  for (let call = 0; call < times.length; call += 1) {
    const begun = performance.now();
    await read(Math.floor(Math.random() * Number(keys)));
    times[call] = (performance.now() - begun) * 1000;
  }
  times.sort();
  const [p50, p99] = [times[Math.floor(times.length / 2)], times[Math.floor(times.length * 0.99)]];
  process.send({ p50, p99, heap: Math.max(0, (await heap()) - before) });
});
