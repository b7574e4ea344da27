// Makes one call in a loop for some seconds, without the local cache, for a profiler: `perf record node bench/profile.mjs get`.
import { filled, keysOf, removeAll, valueOf } from './table.mjs';
import { keep } from './measure.mjs';

const KEYS = keysOf(10_000);
const VALUES = KEYS.map(valueOf);
const SECONDS = 4;

const LOOPS = {
  get: (dict) => {
    for (const key of KEYS) keep(dict.get(key));
  },
  set: (dict) => {
    for (let index = 0; index < KEYS.length; index += 1) keep(dict.set(KEYS[index], VALUES[index]));
  },
  incr: (dict) => {
    for (const key of KEYS) keep(dict.incr(key, 1));
  },
};

const [call] = process.argv.slice(2);
const run = LOOPS[call];
if (!run) throw new Error(`which call: ${Object.keys(LOOPS).join(', ')}?`);
const { dict } = filled(KEYS, call === 'incr' ? () => 0 : valueOf, { size: '4mb' });
const end = performance.now() + 1000 * SECONDS;
while (performance.now() < end) run(dict);
removeAll();
