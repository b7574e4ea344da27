// Writes to existing keys, relative to their floor.
import { floor } from '../floor.mjs';
import { against, keep } from '../measure.mjs';
import { filled, keysOf, textOf, valueOf } from '../table.mjs';

const KEYS = keysOf(10_000);
const FEW = KEYS.slice(0, 1000);
const SHORT = KEYS.map(valueOf);
const LONG = FEW.map((key) => textOf(key, 1024));
// An index that is larger than needed takes up more of the processor's caches: see docs/performance.md.
const SIZE = { size: '4mb', maxEntries: KEYS.length };
const LONG_SIZE = { size: '16mb', maxEntries: FEW.length };

export const title = 'Writes; 10,000 keys in 4 MiB, 1,000 of 1 KiB in 16 MiB; dictionaries made for this many';

export async function run(options) {
  const texts = filled(KEYS, valueOf, SIZE).dict;
  const long = filled(FEW, (key) => textOf(key, 1024), LONG_SIZE).dict;
  const numbers = filled(KEYS, () => 0, SIZE).dict;
  const compare = (name, keys, most, functions) => against(name, keys.length, most, functions, options);
  return [
    ...(await compare('set, 32 B', KEYS, 2.2, {
      floor: () => {
        for (let index = 0; index < KEYS.length; index += 1) keep(floor.set(KEYS[index], SHORT[index]));
      },
      ours: () => {
        for (let index = 0; index < KEYS.length; index += 1) keep(texts.set(KEYS[index], SHORT[index]));
      },
    })),
    ...(await compare('set, 1 KiB', FEW, 1.8, {
      floor: () => {
        for (let index = 0; index < FEW.length; index += 1) keep(floor.set(FEW[index], LONG[index]));
      },
      ours: () => {
        for (let index = 0; index < FEW.length; index += 1) keep(long.set(FEW[index], LONG[index]));
      },
    })),
    ...(await compare('incr', KEYS, 1.8, {
      floor: () => {
        for (const key of KEYS) keep(floor.incr(key, 1));
      },
      ours: () => {
        for (const key of KEYS) keep(numbers.incr(key, 1));
      },
    })),
    ...(await compare('expire', KEYS, 1.8, {
      floor: () => {
        for (const key of KEYS) keep(floor.expire(key, 1000));
      },
      ours: () => {
        for (const key of KEYS) keep(texts.expire(key, 1000));
      },
    })),
    ...(await compare('ttl', KEYS, 1.8, {
      floor: () => {
        for (const key of KEYS) keep(floor.getNumber(key));
      },
      ours: () => {
        for (const key of KEYS) keep(texts.ttl(key));
      },
    })),
  ];
}
