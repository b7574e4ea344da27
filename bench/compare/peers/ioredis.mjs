import { Redis } from 'ioredis';

export const note = 'redis-server on a Unix socket, nothing saved; each call awaited';
export const isAsync = true;
export const needsServer = true;

const DATABASES = ['numbers', 'short', 'long', 'huge', 'million'];
const BATCH = 1000;

export function connect(folder) {
  const clients = [];
  return {
    table(name) {
      const client = new Redis({ path: `${folder}/redis.sock`, db: DATABASES.indexOf(name) });
      clients.push(client);
      let before = 0;
      const used = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))[1]);
      return {
        get: (key) => client.get(key),
        set: (key, value) => client.set(key, value),
        incr: (key) => client.incr(key),
        keys: () => client.keys('*'),
        fill: async (pairs) => {
          before = await used();
          let batch = client.pipeline();
          for (const [key, value] of pairs) {
            batch.set(key, value);
            if (batch.length < BATCH) continue;
            await batch.exec();
            batch = client.pipeline();
          }
          await batch.exec();
        },
        bytes: async () => (await used()) - before,
      };
    },
    close: () => {
      for (const client of clients) client.disconnect();
    },
  };
}
