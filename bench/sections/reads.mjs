// Reads that the local cache does not answer, relative to their floor.
import { floor } from '../floor.mjs';
import { against, keep } from '../measure.mjs';
import { filled, keysOf, textOf, valueOf } from '../table.mjs';

const KEYS = keysOf(10_000);
const FEW = KEYS.slice(0, 1000);
const ABSENT = keysOf(10_000, 1);
// An index that is larger than needed takes up more of the processor's caches: see docs/performance.md.
const SIZE = { size: '4mb', maxEntries: KEYS.length };
const LONG_SIZE = { size: '16mb', maxEntries: FEW.length };

export const title = 'Reads without the local cache; 10,000 keys in 4 MiB, 1,000 of 1 KiB in 16 MiB; dictionaries made for this many';

export async function run(options) {
  const numbers = filled(KEYS, (_, index) => index + 0.5, SIZE).dict;
  const texts = filled(KEYS, valueOf, SIZE).dict;
  const expiring = filled(KEYS, valueOf, SIZE).dict;
  for (const key of KEYS) expiring.expire(key, 3600);
  const long = filled(FEW, (key) => textOf(key, 1024), LONG_SIZE).dict;
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
    ...(await compare('get, 32 B, expires', KEYS, undefined, {
      floor: () => {
        for (const key of KEYS) keep(floor.getString(key));
      },
      ours: () => {
        for (const key of KEYS) keep(expiring.get(key));
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
