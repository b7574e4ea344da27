// Counters, gauges and histograms whose values are entries of a dictionary.
import { clearPrefix, type Dict } from './entries.js';

export interface MetricOptions {
  name: string;
  help: string;
  labelNames?: string[] | undefined;
}
export interface Series {
  dict: Dict;
  prefix: string;
  dropped: number;
}
type Labels = Record<string, string | number>;
interface Value {
  value: number;
  labels: Labels;
  metricName?: string;
}

/** prom-client's own. In seconds, for requests. */
const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What prom-client asks of a metric, over the entries under `prefix name|`. */
abstract class SharedMetric {
  readonly name: string;
  readonly help: string;
  readonly aggregator = 'sum';
  abstract readonly type: string;
  readonly labelNames: string[];
  readonly #series: Series;
  readonly #prefix: string;

  constructor(series: Series, { name, help, labelNames = [] }: MetricOptions) {
    if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)) throw new Error(`Invalid metric name: ${name}`);
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
    this.#series = series;
    this.#prefix = `${series.prefix}${name}|`;
  }

  async get(): Promise<object> {
    return { name: this.name, help: this.help, type: this.type, aggregator: this.aggregator, values: this.values() };
  }

  /** Removes the values of all processes. */
  reset(): void {
    clearPrefix(this.#series.dict, this.#prefix);
  }

  protected abstract values(): Value[];

  /** Returns the values by label values, in the order of their keys. */
  protected stored(): Array<{ labels: Labels; part: string; value: number }> {
    const { dict } = this.#series;
    const keys = [...dict.keys({ prefix: this.#prefix })].sort();
    const found = dict.getMany(keys);
    return keys.flatMap((key) => {
      const value: unknown = found.get(key);
      const parts = this.#parse(key);
      return typeof value === 'number' && parts !== undefined ? [{ ...parts, value }] : [];
    });
  }

  protected key(labels: Labels, part = ''): string {
    const unknown = Object.keys(labels).find((label) => !this.labelNames.includes(label));
    if (unknown !== undefined) throw new Error(`Added label "${unknown}" is not included in initial labelset: ${this.labelNames.join(', ')}`);
    return `${this.#prefix}${JSON.stringify([...this.labelNames.map((label) => (labels[label] === undefined ? null : String(labels[label]))), part])}`;
  }

  /** Changes the dictionary. A metric must not fail the code that it measures, so a change that fails is counted. */
  protected change(work: (dict: Dict) => void): void {
    try {
      work(this.#series.dict);
    } catch {
      this.#series.dropped += 1;
    }
  }

  /** Returns undefined for a key of another program. */
  #parse(key: string): { labels: Labels; part: string } | undefined {
    const fields = fieldsIn(key.slice(this.#prefix.length));
    if (fields?.length !== this.labelNames.length + 1) return undefined;
    const labels: Labels = {};
    this.labelNames.forEach((label, position) => {
      const value = fields[position];
      if (typeof value === 'string') labels[label] = value;
    });
    return { labels, part: fields[this.labelNames.length] ?? '' };
  }
}

function fieldsIn(text: string): Array<string | null> | undefined {
  try {
    const fields: unknown = JSON.parse(text);
    return Array.isArray(fields) ? fields : undefined;
  } catch {
    return undefined;
  }
}

/** Returns labels and number of a call, which may leave the labels out. */
function argumentsOf(labels: Labels | number | undefined, value: number | undefined): [Labels, number] {
  const [given, number] = typeof labels === 'number' ? [{}, labels] : [labels ?? {}, value ?? 1];
  if (!Number.isFinite(number)) throw new TypeError(`Value is not a valid number: ${number}`);
  return [given, number];
}

export class SharedCounter extends SharedMetric {
  readonly type = 'counter';

  inc(labels?: Labels | number, value?: number): void {
    const [given, delta] = argumentsOf(labels, value);
    if (delta < 0) throw new Error('It is not possible to decrease a counter');
    const key = this.key(given);
    this.change((dict) => dict.incr(key, delta, { init: 0 }));
  }

  protected override values(): Value[] {
    const values = this.stored().map(({ labels, value }) => ({ labels, value }));
    return values.length === 0 && this.labelNames.length === 0 ? [{ labels: {}, value: 0 }] : values;
  }
}

export class SharedGauge extends SharedMetric {
  readonly type = 'gauge';

  set(labels: Labels | number, value?: number): void {
    const [given, number] = argumentsOf(labels, value);
    const key = this.key(given);
    this.change((dict) => dict.set(key, number));
  }

  inc(labels?: Labels | number, value?: number): void {
    const [given, delta] = argumentsOf(labels, value);
    const key = this.key(given);
    this.change((dict) => dict.incr(key, delta, { init: 0 }));
  }

  dec(labels?: Labels | number, value?: number): void {
    const [given, delta] = argumentsOf(labels, value);
    this.inc(given, -delta);
  }

  protected override values(): Value[] {
    const values = this.stored().map(({ labels, value }) => ({ labels, value }));
    return values.length === 0 && this.labelNames.length === 0 ? [{ labels: {}, value: 0 }] : values;
  }
}

export class SharedHistogram extends SharedMetric {
  readonly type = 'histogram';
  readonly #bounds: number[];

  constructor(series: Series, { buckets = DEFAULT_BUCKETS, ...options }: MetricOptions & { buckets?: number[] | undefined }) {
    super(series, options);
    this.#bounds = [...buckets].sort((one, other) => one - other);
  }

  observe(labels: Labels | number, value?: number): void {
    const [given, number] = argumentsOf(labels, value);
    const bound = this.#bounds.find((limit) => number <= limit) ?? '+Inf';
    const [bucket, sum] = [this.key(given, String(bound)), this.key(given, 'sum')];
    this.change((dict) => {
      dict.incr(bucket, 1, { init: 0 });
      dict.incr(sum, number, { init: 0 });
    });
  }

  /** Returns a function that observes the seconds since this call, and returns them. */
  startTimer(labels: Labels = {}): (more?: Labels) => number {
    const started = process.hrtime.bigint();
    return (more = {}) => {
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      this.observe({ ...labels, ...more }, seconds);
      return seconds;
    };
  }

  // The count is the sum of the buckets, so that the two agree even if a process was killed between two changes.
  protected override values(): Value[] {
    const groups = new Map<string, { labels: Labels; parts: Map<string, number> }>();
    for (const { labels, part, value } of this.stored()) {
      const id = JSON.stringify(labels);
      const group = groups.get(id) ?? { labels, parts: new Map() };
      group.parts.set(part, value);
      groups.set(id, group);
    }
    return [...groups.values()].flatMap(({ labels, parts }) => this.#lines(labels, parts));
  }

  #lines(labels: Labels, parts: Map<string, number>): Value[] {
    let count = 0;
    const buckets = [...this.#bounds, '+Inf'].map((le) => {
      count += parts.get(String(le)) ?? 0;
      return { metricName: `${this.name}_bucket`, labels: { ...labels, le }, value: count };
    });
    return [...buckets, { metricName: `${this.name}_sum`, labels, value: parts.get('sum') ?? 0 }, { metricName: `${this.name}_count`, labels, value: count }];
  }
}
