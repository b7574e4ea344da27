// Charts of saved results, as `{ file: svg }`.
import { digits } from '../rows.mjs';
import { barChart, lineChart } from './svg.mjs';

const COMPARED = ['get, 32 B', 'set, 32 B', 'incr', 'get, 64 KiB'];

/** Returns the charts of `npm run bench`. */
export function benchCharts({ sections }) {
  const charts = {};
  const growth = sections.find(({ name }) => name === 'growth')?.rows.filter(({ count }) => count);
  if (growth) {
    const names = [...new Set(growth.map(({ name }) => name.split(', of')[0]))];
    const series = names.map((name) => ({
      name,
      points: growth.filter((row) => row.name.startsWith(`${name}, of`)).map(({ count, reached }) => [count, reached]),
    }));
    charts['growth.svg'] = lineChart({ title: 'From a thousand entries to ten million', x: 'entries', y: 'ns', series });
  }
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
