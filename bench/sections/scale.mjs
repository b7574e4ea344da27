// From a thousand entries to ten million: the time that memory takes grows, the work does not.
//
// In addition to calls, it measures reads of random lines in as much memory, each of which waits for the one before, like
// the reads within a call. What a call has slowed down at a size, divided by what such a read has slowed down, is the number
// of lines of cold memory that the call waits for.
import { inTurn, keep } from '../measure.mjs';
import { atMost } from '../rows.mjs';
import { keyOf, newDict, randomFrom, valueOf } from '../table.mjs';

const COUNTS = [1e3, 1e4, 1e5, 1e6, 1e7];
const SAMPLE = 1e6;
const SLICE = 10_000;
const BYTES_AN_ENTRY = 100;
const LINE_WORDS = 16;
/** An index bucket, two lines of a block, the word of its page, and the key's own string in V8's heap. */
const LINES_AT_MOST = 5;

export const title = 'Growth; reads and writes at random among all entries';

export async function run(options) {
  const rows = [];
  const counts = options.quick ? COUNTS.slice(0, 3) : COUNTS;
  let small;
  for (const count of counts) {
    const figures = await at(count, options);
    small ??= figures;
    for (const [name, reached] of Object.entries(figures)) {
      rows.push({ name: `${name}, of ${count.toLocaleString('en')}`, reached, unit: 'ns', count });
    }
    globalThis.gc();
    if (count !== counts.at(-1)) continue;
    for (const call of ['get', 'set']) {
      const lines = (figures[call] - small[call]) / (figures['random read'] - small['random read']);
      rows.push(atMost(`${call}: cold lines it waits for`, lines, LINES_AT_MOST, 'lines'));
    }
  }
  return rows;
}

async function at(count, options) {
  const dict = newDict({ size: count * BYTES_AN_ENTRY + (1 << 20), maxEntries: count });
  const value = valueOf('growth');
  for (let index = 0; index < count; index += 1) dict.set(keyOf(index), value);
  const random = randomFrom(count);
  const keys = Array.from({ length: SAMPLE }, () => keyOf(Math.floor(random() * count)));
  const chain = chainOf(count * BYTES_AN_ENTRY, random);
  // Takes the next keys each time: before a key comes up again, caches that are too small have dropped it.
  const [forGet, forSet] = [inSlices(keys), inSlices(keys)];
  let line = 0;
  const figures = await inTurn(
    SLICE,
    {
      'get': () => {
        for (const key of forGet()) keep(dict.get(key));
      },
      'set': () => {
        for (const key of forSet()) keep(dict.set(key, value));
      },
      'random read': () => {
        for (let time = 0; time < SLICE; time += 1) line = chain[line];
      },
    },
    options,
  );
  dict.close();
  return { get: figures.of('get'), set: figures.of('set'), 'random read': figures.of('random read') };
}

function inSlices(keys) {
  const slices = Array.from({ length: keys.length / SLICE }, (_, number) => keys.slice(number * SLICE, (number + 1) * SLICE));
  let next = 0;
  return () => {
    next = (next + 1) % slices.length;
    return slices[next];
  };
}

// Returns one cycle through all lines of this much memory, in random order (Sattolo's algorithm).
function chainOf(bytes, random) {
  const lines = Math.ceil(bytes / (LINE_WORDS * 4));
  const order = Uint32Array.from({ length: lines }, (_, line) => line);
  for (let line = lines - 1; line > 0; line -= 1) {
    const other = Math.floor(random() * line);
    [order[line], order[other]] = [order[other], order[line]];
  }
  const chain = new Uint32Array(lines * LINE_WORDS);
  for (let line = 0; line < lines; line += 1) chain[line * LINE_WORDS] = order[line] * LINE_WORDS;
  return chain;
}
