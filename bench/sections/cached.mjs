// Strings without a TTL that were read before and have not changed since: the reads that the local cache answers.
import { inTurn, keep } from '../measure.mjs';
import { atMost } from '../rows.mjs';
import { filled, keysOf, textOf } from '../table.mjs';

const KEYS = keysOf(100);
const LOOP = Array.from({ length: 5000 }, (_, index) => KEYS[index % KEYS.length]);
const LENGTHS = [8, 32, 256, 1024, 8192, 65_536];

export const title = 'Repeated get and has of an unchanged key, with the local cache; 100 keys in turn';

export async function run(options) {
  const rows = [];
  for (const length of LENGTHS) rows.push(...(await gets(`${length} B`, (key) => textOf(key, length), options)));
  rows.push(...(await gets('number', (_, index) => index + 0.5, options)));
  rows.push(...(await asks(options)));
  return rows;
}

async function asks(options) {
  const { dict, map } = filled(KEYS, (key) => textOf(key, 32), { size: '16mb', localCache: true });
  const figures = await inTurn(
    LOOP.length,
    {
      'Map.has': () => {
        for (const key of LOOP) keep(map.has(key));
      },
      has: () => {
        for (const key of LOOP) keep(dict.has(key));
      },
    },
    options,
  );
  dict.close();
  return [...figures.rows(), { name: 'repeated has', reached: figures.ratio('has', 'Map.has'), unit: 'x Map.has' }];
}

async function gets(name, valueFor, options) {
  const { dict, map } = filled(KEYS, valueFor, { size: '16mb', localCache: true });
  const figures = await inTurn(
    LOOP.length,
    {
      [`Map.get, ${name}`]: () => {
        for (const key of LOOP) keep(map.get(key));
      },
      [`get, ${name}`]: () => {
        for (const key of LOOP) keep(dict.get(key));
      },
    },
    options,
  );
  dict.close();
  return [...figures.rows(), atMost(`repeated get, ${name}`, figures.ratio(`get, ${name}`, `Map.get, ${name}`), 1.8, 'x Map.get')];
}
