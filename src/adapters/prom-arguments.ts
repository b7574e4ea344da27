// What prom-client 15 accepts in the calls of its metrics, and the errors with which it refuses the rest.
import { format, inspect } from 'node:util';

export interface MetricOptions {
  name: string;
  help: string;
  labelNames?: readonly string[] | undefined;
  aggregator?: string | undefined;
  /** Called before the values are collected, with the metric as `this`. */
  collect?: (() => unknown) | undefined;
}
export type Labels = Record<string, string | number>;

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** What prom-client has and shared metrics do not. */
interface RefusedOptions {
  enableExemplars?: unknown;
  registers?: unknown;
}

/** Checks the options of a metric. */
export function checkMetric(options: MetricOptions & RefusedOptions): void {
  if (typeof options !== 'object' || options === null) throw new TypeError('constructor expected a config object');
  const { name, help, labelNames = [], collect, enableExemplars, registers } = options;
  if (!help) throw new Error('Missing mandatory help parameter');
  if (!name) throw new Error('Missing mandatory name parameter');
  if (!METRIC_NAME.test(name)) throw new Error('Invalid metric name');
  if (!labelNames.every((label) => LABEL_NAME.test(label))) throw new Error('Invalid label name');
  if (collect && typeof collect !== 'function') throw new Error('Optional "collect" parameter must be a function');
  if (enableExemplars) throw new TypeError('Shared metrics have no exemplars');
  if (registers !== undefined) throw new TypeError('A shared metric belongs to the registry that makes it: leave "registers" out');
}

/** Checks the labels of a histogram, whose buckets have a label of their own. */
export function checkBucketLabels({ labelNames = [] }: MetricOptions): void {
  if (labelNames.includes('le')) throw new Error('le is a reserved label keyword');
}

/** Checks that a metric has these labels. */
export function checkLabels(labelNames: readonly string[], labels: Labels): void {
  const unknown = Object.keys(labels).find((label) => !labelNames.includes(label));
  if (unknown !== undefined) throw new Error(`Added label "${unknown}" is not included in initial labelset: ${inspect(labelNames)}`);
}

/** Returns labels and value of a call, whose caller may leave the labels out. */
export function argumentsOf(labels: unknown, value: unknown): [Labels, unknown] {
  return typeof labels === 'object' && labels !== null ? [labels as Labels, value] : [{}, labels];
}

/** Returns the labels of a call that takes an object, or the values of all labels in the order of their names. */
export function labelsOf(labelNames: readonly string[], args: readonly unknown[]): Labels | null {
  if (typeof args[0] === 'object') return args[0] as Labels | null;
  if (labelNames.length !== args.length) {
    throw new Error(`Invalid number of arguments (${args.length}): "${args.join(', ')}" for label names (${labelNames.length}): "${labelNames.join(', ')}".`);
  }
  return Object.fromEntries(labelNames.map((label, position) => [label, args[position] as string | number]));
}

/**
 * Returns by how much to count: 1 without a value. prom-client also adds NaN and '' to a counter, which is NaN or a text
 * from then on; here they are refused.
 */
export function countOf(value: unknown): number {
  const count = value ?? 1;
  if (!isFinite(count)) throw notNumber('Value', count);
  if (count < 0) throw new Error('It is not possible to decrease a counter');
  return count;
}

/** Returns the value of a gauge, which may be NaN or infinite. */
export function levelOf(value: unknown): number {
  if (typeof value !== 'number') throw notNumber('Value', value);
  return value;
}

/** Returns by how much to change a gauge: 1 without a value. */
export function deltaOf(value: unknown = 1): number {
  if (typeof value !== 'number') throw notNumber('Delta', value);
  return value;
}

/** Returns the value that a histogram observes. */
export function observedOf(value: unknown): number {
  if (!isFinite(value)) throw notNumber('Value', value);
  return value;
}

function isFinite(value: unknown): value is number {
  return Number.isFinite(value);
}

function notNumber(what: 'Value' | 'Delta', value: unknown): TypeError {
  return new TypeError(`${what} is not a valid number: ${format(value)}`);
}
