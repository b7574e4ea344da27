import type { Registry } from 'prom-client';
import type { SharedDict } from '../shared-dict.js';

export interface SharedMetricOptions {
  name: string;
  help: string;
  labelNames?: string[] | undefined;
}
type Labels = Record<string, string | number>;

export interface SharedCounter {
  inc(labels: Labels, value?: number): void;
  inc(value?: number): void;
  /** Removes the values of all processes. */
  reset(): void;
}
export interface SharedGauge extends SharedCounter {
  set(labels: Labels, value: number): void;
  set(value: number): void;
  dec(labels: Labels, value?: number): void;
  dec(value?: number): void;
}
export interface SharedHistogram {
  observe(labels: Labels, value: number): void;
  observe(value: number): void;
  /** Returns a function that observes the seconds since this call, and returns them. */
  startTimer(labels?: Labels): (labels?: Labels) => number;
  /** Removes the values of all processes. */
  reset(): void;
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
  counter(options: SharedMetricOptions): SharedCounter;
  gauge(options: SharedMetricOptions): SharedGauge;
  histogram(options: SharedMetricOptions & { buckets?: number[] | undefined }): SharedHistogram;
}
