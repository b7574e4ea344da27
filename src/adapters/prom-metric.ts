// What counters, gauges and histograms of prom-client have in common, over the entries of a dictionary.
import { clearPrefix, type Dict } from './entries.js';
import { checkLabels, checkMetric, labelsOf, type Labels, type MetricOptions } from './prom-arguments.js';

export interface Series {
  dict: Dict;
  prefix: string;
  dropped: number;
}
export interface Value {
  value: number;
  labels: Labels;
  metricName?: string;
}

/** What prom-client asks of a metric, over the entries under `prefix name|`. */
export abstract class SharedMetric {
  readonly name: string;
  readonly help: string;
  readonly aggregator: string;
  abstract readonly type: string;
  readonly labelNames: readonly string[];
  readonly collect: (() => unknown) | undefined;
  readonly #series: Series;
  readonly #prefix: string;

  constructor(series: Series, options: MetricOptions) {
    checkMetric(options);
    const { name, help, labelNames = [], aggregator = 'sum', collect } = options;
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
    this.aggregator = aggregator;
    this.collect = collect || undefined;
    this.#series = series;
    this.#prefix = `${series.prefix}${name}|`;
  }

  /** Returns what prom-client shows of this metric, after the owner's `collect`. */
  async get(): Promise<object> {
    const collected = this.collect?.();
    if (collected instanceof Promise) await collected;
    return { name: this.name, help: this.help, type: this.type, aggregator: this.aggregator, values: this.values() };
  }

  /** Removes the values of all processes. */
  reset(): void {
    clearPrefix(this.#series.dict, this.#prefix);
  }

  /** Removes the values of all processes that have these labels: an object, or their values in the order of their names. */
  remove(...args: unknown[]): void {
    const labels = labelsOf(this.labelNames, args) ?? {};
    const start = this.#start(labels);
    this.change((dict) => this.removeFrom(dict, start));
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
    return keyOf(this.#start(labels), part);
  }

  /** Removes the values whose keys start so: those of one set of labels. */
  protected removeFrom(dict: Dict, start: string): void {
    dict.delete(keyOf(start, ''));
  }

  /** Removes all parts of the values whose keys start so, but nothing of a metric with more labels. */
  protected removeParts(dict: Dict, start: string): void {
    for (const key of dict.keys({ prefix: start })) if (this.#parse(key)) dict.delete(key);
  }

  /** Changes the dictionary. A metric must not fail the code that it measures, so a change that fails is counted. */
  protected change(work: (dict: Dict) => void): void {
    try {
      work(this.#series.dict);
    } catch {
      this.#series.dropped += 1;
    }
  }

  /** Returns how the keys of these labels start: a JSON array without its last element, the part. */
  #start(labels: Labels): string {
    checkLabels(this.labelNames, labels);
    const given = this.labelNames.map((label) => `${JSON.stringify(Object.hasOwn(labels, label) && labels[label] !== undefined ? String(labels[label]) : null)},`);
    return `${this.#prefix}[${given.join('')}`;
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

function keyOf(start: string, part: string): string {
  return `${start}${JSON.stringify(part)}]`;
}

function fieldsIn(text: string): Array<string | null> | undefined {
  try {
    const fields: unknown = JSON.parse(text);
    return Array.isArray(fields) ? fields : undefined;
  } catch {
    return undefined;
  }
}
