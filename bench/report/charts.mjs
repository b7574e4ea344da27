// Charts of saved results, as `{ file: svg }`.
import { digits } from '../rows.mjs';
import { barChart, lineChart } from './svg.mjs';

const COMPARED = ['get, 32 B', 'set, 32 B', 'incr', 'get, 64 KiB'];

/** Returns the charts of `npm run bench`. */
export function benchCharts({ sections }) {
  const charts = {};
  const scale = sections.find(({ name }) => name === 'scale')?.rows.filter(({ count }) => count);
  if (scale) {
    const names = [...new Set(scale.map(({ name }) => name.split(', of')[0]))];
    const series = names.map((name) => ({
      name,
      points: scale.filter((row) => row.name.startsWith(`${name}, of`)).map(({ count, reached }) => [count, reached]),
    }));
    charts['scale.svg'] = lineChart({ title: 'From a thousand entries to ten million', x: 'entries', y: 'ns', series });
  }
  Object.assign(charts, growthCharts(sections.find(({ name }) => name === 'growth')?.rows ?? []));
  const eviction = sections.find(({ name }) => name === 'eviction')?.rows.filter(({ trace }) => trace);
  if (eviction) {
    const traces = [...new Set(eviction.map(({ trace }) => trace))];
    const bars = (trace) =>
      eviction
        .filter((row) => row.trace === trace)
        .map(({ policy, reached }) => ({ name: policy, value: reached, label: `${digits(reached)} %` }));
    const groups = traces.map((trace) => ({ name: trace, bars: bars(trace) }));
    charts['eviction.svg'] = barChart({ title: 'Requests answered by a full cache', groups });
  }
  return charts;
}

/** Returns the charts of a dictionary that fills: each row has the name of its curve, and the entries until then. */
function growthCharts(rows) {
  const chartOf = (chart, title, y) => {
    const own = rows.filter((row) => row.chart === chart);
    const names = [...new Set(own.map(({ curve }) => curve))];
    const pointsOf = (name) => own.filter(({ curve }) => curve === name).map(({ count, reached }) => [count, reached]);
    return own.length > 0 ? lineChart({ title, x: 'entries', y, series: names.map((name) => ({ name, points: pointsOf(name) })) }) : undefined;
  };
  const charts = {
    'growth-memory.svg': chartOf('memory', 'Memory taken by a dictionary that fills', 'bytes'),
    'growth-set.svg': chartOf('set', 'Processor time of a set in a dictionary that fills', 'ns'),
  };
  return Object.fromEntries(Object.entries(charts).filter(([, chart]) => chart));
}

/** Returns the charts of `npm run bench:compare`. */
export function compareCharts({ calls }) {
  const groups = COMPARED.filter((title) => calls[title]).map((title) => ({
    name: title,
    bars: Object.entries(calls[title])
      .toSorted(([, left], [, right]) => left - right)
      .map(([name, value]) => ({ name, value, label: `${digits(value)} ns` })),
  }));
  return { 'compare.svg': barChart({ title: 'One call, in nanoseconds (logarithmic; shorter is better)', groups, log: true }) };
}

/** Returns the charts of `npm run bench:cores`. */
export function coresCharts({ workloads }) {
  return Object.fromEntries(
    Object.entries(workloads).map(([title, points], number) => {
      const shards = [...new Set(points.map((point) => point.shards))];
      const series = shards.map((count) => ({
        name: `${count} shards`,
        points: points.filter((point) => point.shards === count).map(({ cores, rate }) => [cores, rate / 1e6]),
      }));
      const chart = { title: `Computed: ${title}`, x: 'cores', y: 'million writes a second', series };
      return [`cores-${number + 1}.svg`, lineChart(chart)];
    }),
  );
}
