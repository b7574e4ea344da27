import type { Aggregator, Registry } from 'prom-client';
import type { SharedDict } from '../shared-dict.js';

export interface SharedMetricOptions<Metric = unknown> {
  name: string;
  help: string;
  labelNames?: readonly string[] | undefined;
  /** What prom-client's aggregation over the processes of a cluster is told. Shared values need none. */
  aggregator?: Aggregator | undefined;
  /** Called before the values are collected, in the process that is asked for them. A promise is awaited. */
  collect?: ((this: Metric) => void | Promise<void>) | undefined;
}
type Labels = Record<string, string | number>;
type Timer = (labels?: Labels) => number;

interface SharedMetric<Bound> {
  /** Returns the calls of one set of labels: their values in the order of `labelNames`. */
  labels(...values: Array<string | number>): Bound;
  labels(labels: Labels): Bound;
  /** Removes the values of all processes that have these labels. */
  remove(...values: Array<string | number>): void;
  remove(labels: Labels): void;
  /** Removes the values of all processes. */
  reset(): void;
}
export interface BoundCounter {
  inc(value?: number): void;
}
export interface BoundGauge extends BoundCounter {
  dec(value?: number): void;
  set(value: number): void;
  /** Sets it to the seconds since 1970. */
  setToCurrentTime(): void;
  /** Returns a function that sets the gauge to the seconds since this call, and returns them. */
  startTimer(): Timer;
}
export interface BoundHistogram {
  observe(value: number): void;
  /** Returns a function that observes the seconds since this call, and returns them. */
  startTimer(): Timer;
}

export interface SharedCounter extends SharedMetric<BoundCounter> {
  inc(labels: Labels, value?: number): void;
  inc(value?: number): void;
}
export interface SharedGauge extends SharedMetric<BoundGauge> {
  inc(labels: Labels, value?: number): void;
  inc(value?: number): void;
  set(labels: Labels, value: number): void;
  set(value: number): void;
  dec(labels: Labels, value?: number): void;
  dec(value?: number): void;
  /** Sets it to the seconds since 1970. */
  setToCurrentTime(labels?: Labels): void;
  /** Returns a function that sets the gauge to the seconds since this call, and returns them. */
  startTimer(labels?: Labels): Timer;
}
export interface SharedHistogram extends SharedMetric<BoundHistogram> {
  observe(labels: Labels, value: number): void;
  observe(value: number): void;
  /** Returns a function that observes the seconds since this call, and returns them. */
  startTimer(labels?: Labels): Timer;
  /** Sets the values of these labels to 0, for all processes. */
  zero(labels?: Labels): void;
}

/**
 * A registry of prom-client whose metrics are in shared memory, so that any process answers for all of them.
 *
 * ```js
 * const registry = new SharedRegistry(dict);
 * const requests = registry.counter({ name: 'http_requests_total', help: 'Requests', labelNames: ['route'] });
 * requests.inc({ route: '/' });
 * ```
 *
 * A change that cannot be stored is counted in `dropped`, and throws nothing.
 */
export class SharedRegistry extends Registry {
  constructor(dict: SharedDict<any>, options?: { prefix?: string | undefined });
  /** How many changes this process could not store. */
  readonly dropped: number;
  counter(options: SharedMetricOptions<SharedCounter>): SharedCounter;
  gauge(options: SharedMetricOptions<SharedGauge>): SharedGauge;
  histogram(options: SharedMetricOptions<SharedHistogram> & { buckets?: number[] | undefined }): SharedHistogram;
}
