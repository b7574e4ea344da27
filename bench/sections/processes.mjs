// Two processes on one dictionary, relative to one.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { median } from '../measure.mjs';
import { atLeast } from '../rows.mjs';
import { filled, keysOf, valueOf } from '../table.mjs';

const WORKER = fileURLToPath(new URL('../programs/worker.mjs', import.meta.url));
const KEYS = keysOf(10_000);
const MIXES = [
  { title: '90 % get, 10 % set', setEvery: 10, least: 1.8 },
  { title: 'get alone', setEvery: 0, least: 1.95 },
];

export const title = `Two processes, each at random among 10,000 keys, on ${os.availableParallelism()} cores`;

export async function run({ quick = false }) {
  const workers = [fork(WORKER), fork(WORKER)];
  try {
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const rows = [];
    for (const localCache of [false, true]) {
      const { dict } = filled(KEYS, valueOf, { size: '4mb' });
      const together = (many, setEvery) => rate(workers.slice(0, many), { name: dict.name, localCache, setEvery, quick });
      for (const mix of MIXES) rows.push(...(await compare(mix, localCache, together, quick ? 3 : 9)));
    }
    return rows;
  } finally {
    for (const worker of workers) worker.disconnect();
  }
}

async function compare(mix, localCache, together, rounds) {
  const name = `${mix.title}${localCache ? ', local cache' : ''}`;
  const [ones, twos] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    ones.push(await together(1, mix.setEvery));
    twos.push(await together(2, mix.setEvery));
  }
  const ratio = median(twos.map((both, round) => both / ones[round]));
  return [
    { name: `one process: ${name}`, reached: median(ones) / 1e6, unit: 'M calls/s' },
    { name: `two processes: ${name}`, reached: median(twos) / 1e6, unit: 'M calls/s' },
    atLeast(`two against one: ${name}`, ratio, mix.least, 'x'),
  ];
}

/** Returns the calls per second of all these workers at once. */
async function rate(workers, { quick, ...task }) {
  const rates = workers.map(async (worker, index) => {
    worker.send({ ...task, milliseconds: quick ? 100 : 400, seed: index + 1 });
    const [figure] = await once(worker, 'message');
    return figure;
  });
  return (await Promise.all(rates)).reduce((sum, figure) => sum + figure, 0);
}
