// Two "hosts" on one machine, each with three processes and a cache of its own in shared memory, before one Valkey server.
//   node examples/two-hosts/main.mjs redis://127.0.0.1:6379
// A host is a directory here. On real machines, leave out `dir`.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RemoteDict, TieredDict } from 'shmkit/valkey';

const [url = 'redis://127.0.0.1:6379', dir] = process.argv.slice(2);
const PREFIX = 'shmkit-example:';

async function open() {
  const remote = new RemoteDict({ url, prefix: PREFIX });
  const dict = await TieredDict.open('example', { remote, dir, maxSize: '4mb' });
  return { remote, dict };
}

/** A process of a host: reads the price until it has changed. */
async function shop() {
  const { remote, dict } = await open();
  // On a busy machine, the agent of a host that has just started may take some time.
  while ((await dict.stats()).suspect) await setTimeout(10);
  process.send('ready');
  let reads = 0;
  for (; (await dict.get('price')) !== 12; reads += 1) await setTimeout(1);
  const { fetches } = await dict.stats();
  process.send({ reads, fetches });
  await dict.close();
  await remote.close();
  process.disconnect();
}

async function main() {
  const office = new RemoteDict({ url, prefix: PREFIX });
  await office.set('price', 10);
  const dirs = ['one', 'two'].map((name) => fs.mkdtempSync(`/dev/shm/shmkit-example-${name}-`));
  const shops = dirs.flatMap((where) => Array.from({ length: 3 }, () => fork(fileURLToPath(import.meta.url), [url, where])));
  await Promise.all(shops.map((child) => once(child, 'message')));
  const answers = shops.map(async (child) => (await once(child, 'message'))[0]);
  await setTimeout(500);
  await office.set('price', 12);
  const results = await Promise.all(answers);
  const reads = results.reduce((sum, result) => sum + result.reads, 0);
  const fetches = Math.max(...results.slice(0, 3).map((result) => result.fetches)) + Math.max(...results.slice(3).map((result) => result.fetches));
  console.log(`${shops.length} processes read the old price ${reads} times, and saw the new one; the server was asked ${fetches} times`);
  await Promise.all(shops.map((child) => child.exitCode ?? once(child, 'exit')));
  await office.clear();
  await office.close();
  for (const where of dirs) fs.rmSync(where, { recursive: true });
}

await (dir === undefined ? main() : shop());
