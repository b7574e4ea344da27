// A dictionary that grows from nothing, and a fixed one, filled in turn: the memory taken, the time of a `set`, and the longest one.
import { atMost } from '../../rows.mjs';
import { keyOf, newDict, valueOf } from '../../table.mjs';

const MIB = 2 ** 20;
const FIRST = 1000;
/** Points of a curve for each doubling of the entries. */
const POINTS = 2;
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

function fill(curve, create, most) {
  const rows = [];
  const begun = performance.now();
  const dict = create();
  let [total, longest, next, since, spent] = [performance.now() - begun, 0, FIRST, 0, 0];
  for (let count = 1; count <= most; count += 1) {
    const key = keyOf(count);
    const start = performance.now();
    dict.set(key, VALUE);
    const time = performance.now() - start;
    spent += time;
    if (time > longest) longest = time;
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
