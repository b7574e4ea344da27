// Reads that the local cache does not answer, against the floor of the same kind.
import { floor } from '../floor.mjs';
import { against, keep } from '../measure.mjs';
import { filled, keysOf, textOf, valueOf } from '../table.mjs';

const KEYS = keysOf(10_000);
const FEW = KEYS.slice(0, 1000);
const ABSENT = keysOf(10_000, 1);

export const title = 'Reads without the local cache; 10,000 keys in 4 MiB (1 KiB: 1,000 keys in 16 MiB)';

export async function run(options) {
  const numbers = filled(KEYS, (_, index) => index + 0.5, { size: '4mb' }).dict;
  const texts = filled(KEYS, valueOf, { size: '4mb' }).dict;
  const long = filled(FEW, (key) => textOf(key, 1024), { size: '16mb' }).dict;
  const compare = (name, keys, most, functions) => against(name, keys.length, most, functions, options);
  return [
    ...(await compare('get, number', KEYS, 1.7, {
      floor: () => {
        for (const key of KEYS) keep(floor.getNumber(key));
      },
      ours: () => {
        for (const key of KEYS) keep(numbers.get(key));
      },
    })),
    ...(await compare('get, 32 B', KEYS, 1.7, {
      floor: () => {
        for (const key of KEYS) keep(floor.getString(key));
      },
      ours: () => {
        for (const key of KEYS) keep(texts.get(key));
      },
    })),
    ...(await compare('get, 1 KiB', FEW, 1.5, {
      floor: () => {
        for (const key of FEW) keep(floor.getLongString(key));
      },
      ours: () => {
        for (const key of FEW) keep(long.get(key));
      },
    })),
    ...(await compare('get, missing', ABSENT, 1.7, {
      floor: () => {
        for (const key of ABSENT) keep(floor.getNothing(key));
      },
      ours: () => {
        for (const key of ABSENT) keep(texts.get(key));
      },
    })),
    ...(await compare('has', KEYS, 1.7, {
      floor: () => {
        for (const key of KEYS) keep(floor.has(key));
      },
      ours: () => {
        for (const key of KEYS) keep(texts.has(key));
      },
    })),
  ];
}
