// Counters, gauges and histograms whose values are entries of a dictionary.
import type { Dict } from './entries.js';
import { argumentsOf, checkBucketLabels, checkLabels, countOf, deltaOf, labelsOf, levelOf, observedOf, type Labels, type MetricOptions } from './prom-arguments.js';
import { SharedMetric, type Series, type Value } from './prom-metric.js';

/** Ends a measurement: takes more labels, and returns its seconds. */
type Timer = (more?: Labels) => number;

/** prom-client's own. In seconds, for requests. */
const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

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

function timerOf(labels: Labels | undefined, store: (labels: Labels, seconds: number) => void): Timer {
  const started = process.hrtime.bigint();
  return (more) => {
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    store({ ...labels, ...more }, seconds);
    return seconds;
  };
}

export class SharedCounter extends SharedMetric {
  readonly type = 'counter';

  inc(labels?: Labels | number, value?: number): void {
    const [given, number] = argumentsOf(labels, value);
    const key = this.key(given);
    const count = countOf(number);
    this.change((dict) => add(dict, key, count));
  }

  /** Returns the calls of one set of labels, which the first of them checks: an object, or their values in order. */
  labels(...args: unknown[]): { inc(value?: number): void } {
    const labels = labelsOf(this.labelNames, args) ?? {};
    return { inc: (value) => this.inc(labels, value) };
  }

  protected override values(): Value[] {
    const values = this.stored().map(({ labels, value }) => ({ labels, value }));
    return values.length === 0 && this.labelNames.length === 0 ? [{ labels: {}, value: 0 }] : values;
  }
}

interface BoundGauge {
  inc(value?: number): void;
  dec(value?: number): void;
  set(value: number): void;
  setToCurrentTime(): void;
  startTimer(): Timer;
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

  /** Sets it to the seconds since 1970. */
  setToCurrentTime(labels?: Labels): void {
    const seconds = Date.now() / 1000;
    if (labels === undefined) this.set(seconds);
    else this.set(labels, seconds);
  }

  /** Returns a function that sets the gauge to the seconds since this call, and returns them. */
  startTimer(labels?: Labels): Timer {
    return timerOf(labels, (all, seconds) => this.set(all, seconds));
  }

  /** Returns the calls of one set of labels: an object, or their values in order. */
  labels(...args: unknown[]): BoundGauge {
    const labels = labelsOf(this.labelNames, args) as Labels;
    checkLabels(this.labelNames, labels ?? {});
    return {
      inc: (value) => this.inc(labels, value),
      dec: (value) => this.dec(labels, value),
      set: (value) => this.set(labels, value),
      setToCurrentTime: () => this.setToCurrentTime(labels),
      startTimer: () => this.startTimer(labels),
    };
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

  constructor(series: Series, options: MetricOptions & { buckets?: number[] | undefined }) {
    super(series, options);
    checkBucketLabels(options);
    this.#bounds = [...(options.buckets ?? DEFAULT_BUCKETS)].sort((one, other) => one - other);
  }

  observe(labels: Labels | number, value?: number): void {
    this.#observe(labels === 0 ? 0 : labels || {}, value);
  }

  /** Returns a function that observes the seconds since this call, and returns them. */
  startTimer(labels?: Labels): Timer {
    return timerOf(labels, (all, seconds) => this.observe(all, seconds));
  }

  /** Returns the calls of one set of labels: an object, or their values in order. */
  labels(...args: unknown[]): { observe(value: number): void; startTimer(): Timer } {
    const labels = labelsOf(this.labelNames, args);
    checkLabels(this.labelNames, labels ?? {});
    return { observe: (value) => this.#observe(labels, value), startTimer: () => this.startTimer(labels ?? {}) };
  }

  /** Sets the values of these labels to 0, for all processes. */
  zero(labels: Labels = {}): void {
    const sum = this.key(labels, 'sum');
    this.remove(labels);
    this.change((dict) => dict.set(sum, 0));
  }

  #observe(labels: unknown, value: unknown): void {
    const [given, observed] = argumentsOf(labels, value);
    const sum = this.key(given, 'sum');
    const number = observedOf(observed);
    const bucket = this.key(given, String(this.#bounds.find((limit) => number <= limit) ?? '+Inf'));
    this.change((dict) => {
      add(dict, bucket, 1);
      add(dict, sum, number);
    });
  }

  protected override removeFrom(dict: Dict, start: string): void {
    this.removeParts(dict, start);
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
