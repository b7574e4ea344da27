// How much of the segment holds keys and values.
import { SharedDict } from 'shmkit';
import { atLeast, atMost } from '../rows.mjs';
import { keyOf, newDict, randomFrom, textOf } from '../table.mjs';

const STEP = 64 << 10;
const MIXED_SIZE = 64 << 20;
const SMALLEST = 16;
const LARGEST = 4096;

export const title = 'Memory';

export async function run({ quick = false }) {
  const count = quick ? 100_000 : 1_000_000;
  const smallest = smallestFor(count);
  const rows = [];
  const guessed = mixed({});
  for (const [contents, options] of [['mixed sizes', {}], ['mixed sizes, maxEntries', { maxEntries: Math.ceil(1.2 * guessed.entries) }]]) {
    const { entries, used, bytes } = mixed(options);
    rows.push(
      { name: `entries in 64 MiB: ${contents}`, reached: entries, unit: 'entries' },
      { name: `blocks in use: ${contents}`, reached: (100 * used) / MIXED_SIZE, unit: '%' },
      atLeast(`keys and values: ${contents}`, (100 * bytes) / MIXED_SIZE, 75, '%'),
    );
  }
  return [
    atMost(`segment an entry, ${count.toLocaleString('en')} of 16 B + 32 B`, smallest / count, 85, 'bytes'),
    ...rows,
  ];
}

/** Returns the bytes of the smallest segment that holds this many entries, found by bisection. */
function smallestFor(count) {
  let [tooSmall, enough] = [48 * count, 128 * count];
  while (enough - tooSmall > Math.max(STEP, enough / 200)) {
    const middle = Math.round((tooSmall + enough) / 2 / STEP) * STEP;
    if (takes(middle, count)) enough = middle;
    else tooSmall = middle;
  }
  return enough;
}

function takes(size, count) {
  const value = textOf('memory', 32);
  let dict;
  try {
    dict = newDict({ size, maxEntries: count });
    for (let index = 0; index < count; index += 1) dict.set(keyOf(index), value);
    return true;
  } catch (error) {
    // A size into which not even the index fits is out of range.
    if (error.code === 'ERR_SHM_FULL' || error.code === 'ERR_OUT_OF_RANGE') return false;
    throw error;
  } finally {
    dict?.close();
  }
}

/** Fills a segment until an entry does not fit. Sizes follow Zipf's law: k times 16 bytes are 1/k as frequent as 16. */
function mixed(options) {
  const name = `bench-${process.pid}-mixed`;
  const dict = SharedDict.create(name, { size: MIXED_SIZE, localCache: false, ...options });
  const random = randomFrom(7);
  const sizes = zipfSizes();
  const text = textOf('mixed', LARGEST);
  let bytes = 0;
  let entries = 0;
  try {
    for (;;) {
      const [key, value] = [keyOf(entries), text.slice(0, sizes(random()))];
      dict.set(key, value);
      bytes += key.length + value.length;
      entries += 1;
    }
  } catch (error) {
    if (error.code !== 'ERR_SHM_FULL') throw error;
    return { entries, bytes, used: dict.stats().used };
  } finally {
    dict.close();
  }
}

function zipfSizes() {
  const sums = [];
  let sum = 0;
  for (let rank = 1; rank <= LARGEST / SMALLEST; rank += 1) sums.push((sum += 1 / rank));
  return (random) => SMALLEST * (1 + sums.findIndex((upTo) => random * sum <= upTo));
}
