// Counters, gauges and histograms whose values are entries of a dictionary.
import { clearPrefix, type Dict } from './entries.js';
import { argumentsOf, checkBucketLabels, checkLabels, checkMetric, countOf, deltaOf, levelOf, observedOf, type Labels, type MetricOptions } from './prom-arguments.js';

export interface Series {
  dict: Dict;
  prefix: string;
  dropped: number;
}
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

  constructor(series: Series, options: MetricOptions) {
    checkMetric(options);
    const { name, help, labelNames = [] } = options;
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
    checkLabels(this.labelNames, labels);
    const given = this.labelNames.map((label) => (Object.hasOwn(labels, label) && labels[label] !== undefined ? String(labels[label]) : null));
    return `${this.#prefix}${JSON.stringify([...given, part])}`;
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
    const given = this.labelNames.flatMap((label, position): Array<[string, string]> => {
      const value = fields[position];
      return typeof value === 'string' ? [[label, value]] : [];
    });
    return { labels: Object.fromEntries(given), part: fields[this.labelNames.length] ?? '' };
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

/** Adds as JavaScript does. Only finite sums can be added to in one step. */
function add(dict: Dict, key: string, delta: number): void {
  try {
    if (Number.isFinite(delta)) return void dict.incr(key, delta, { init: 0 });
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_SHM_OVERFLOW') throw error;
  }
  dict.update(key, (stored: unknown) => numberOr(0, stored) + delta);
}

function numberOr(missing: number, stored: unknown): number {
  if (stored === undefined) return missing;
  if (typeof stored !== 'number') throw new TypeError('The value of another program');
  return stored;
}

export class SharedCounter extends SharedMetric {
  readonly type = 'counter';

  inc(labels?: Labels | number, value?: number): void {
    const [given, number] = argumentsOf(labels, value);
    const key = this.key(given);
    const count = countOf(number);
    this.change((dict) => add(dict, key, count));
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
    const level = levelOf(number);
    const key = this.key(given);
    this.change((dict) => dict.set(key, level));
  }

  inc(labels?: Labels | number, value?: number): void {
    const [given, number] = argumentsOf(labels, value);
    this.#add(given, deltaOf(number));
  }

  dec(labels?: Labels | number, value?: number): void {
    const [given, number] = argumentsOf(labels, value);
    this.#add(given, deltaOf(number === undefined ? -1 : -(number as number)));
  }

  #add(labels: Labels, delta: number): void {
    const key = this.key(labels);
    this.change((dict) => add(dict, key, delta));
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
    checkBucketLabels(options);
    this.#bounds = [...buckets].sort((one, other) => one - other);
  }

  observe(labels: Labels | number, value?: number): void {
    const [given, observed] = argumentsOf(labels === 0 ? 0 : labels || {}, value);
    const sum = this.key(given, 'sum');
    const number = observedOf(observed);
    const bucket = this.key(given, String(this.#bounds.find((limit) => number <= limit) ?? '+Inf'));
    this.change((dict) => {
      add(dict, bucket, 1);
      add(dict, sum, number);
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
    if (groups.size === 0 && this.labelNames.length === 0) return this.#lines({}, new Map());
    return [...groups.values()].flatMap(({ labels, parts }) => this.#lines(labels, parts));
  }

  #lines(labels: Labels, parts: Map<string, number>): Value[] {
    let count = 0;
    const buckets = [...this.#bounds, '+Inf'].map((le) => {
      count += parts.get(String(le)) ?? 0;
      return { metricName: `${this.name}_bucket`, labels: { le, ...labels }, value: count };
    });
    return [...buckets, { metricName: `${this.name}_sum`, labels, value: parts.get('sum') ?? 0 }, { metricName: `${this.name}_count`, labels, value: count }];
  }
}
