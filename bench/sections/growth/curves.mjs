// A dictionary that grows from nothing, and a fixed one, filled in turn: the memory taken, the processor time
// of a `set`, and the longest one.
import { atMost } from '../../rows.mjs';
import { keyOf, newDict, valueOf } from '../../table.mjs';

const MIB = 2 ** 20;
const FIRST = 1000;
/** Points of a curve for each doubling of the entries. */
const POINTS = 2;
/** Sets between two looks at the processor time. */
const BATCH = 1000;
const VALUE = valueOf('growth');

/** Returns the rows of both curves, and those with goals. */
export function curvesOf({ quick, large }) {
  const most = quick ? 100_000 : large ? 10_000_000 : 1_000_000;
  const growing = fill('grows', () => newDict({ maxSize: '2gb' }), most);
  const fixed = fill('fixed', () => newDict({ size: most * 100 + 4 * MIB, maxEntries: most }), most);
  const entries = most.toLocaleString('en');
  return [
    ...growing.rows,
    ...fixed.rows,
    { name: `longest set, fixed, to ${entries}`, reached: fixed.longest, unit: 'ms' },
    atMost(`longest set, grows, to ${entries}`, growing.longest, 10, 'ms'),
    atMost(`creating and filling to ${entries}`, growing.total / fixed.total, 1.4, 'x fixed'),
  ];
}

/** Returns the milliseconds of processor time that `work` takes: other programs that run do not count. */
function processorTime(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function fill(curve, create, most) {
  const rows = [];
  let dict;
  let [longest, next, since, spent] = [0, FIRST, 0, 0];
  let total = processorTime(() => {
    dict = create();
  });
  for (let count = 0; count < most; ) {
    const keys = Array.from({ length: Math.min(next, most, count + BATCH) - count }, (_, index) => keyOf(count + 1 + index));
    spent += processorTime(() => {
      for (const key of keys) {
        const start = performance.now();
        dict.set(key, VALUE);
        longest = Math.max(longest, performance.now() - start);
      }
    });
    count += keys.length;
    if (count !== next && count !== most) continue;
    const place = `${curve}, ${count.toLocaleString('en')} entries`;
    rows.push({ name: `taken, ${place}`, reached: dict.stats().size, unit: 'B', chart: 'memory', curve, count });
    rows.push({ name: `set, ${place}`, reached: (spent / (count - since)) * 1e6, unit: 'ns', chart: 'set', curve, count });
    total += spent;
    [since, spent, next] = [count, 0, Math.round(next * 2 ** (1 / POINTS))];
  }
  dict.close();
  return { rows, total, longest };
}
