// Metrics of a whole cluster in one dictionary, for prom-client.
import type { Dict } from './entries.js';
import { requirePeer } from './peer.js';
import type { MetricOptions } from './prom-arguments.js';
import type { Series } from './prom-metric.js';
import { SharedCounter, SharedGauge, SharedHistogram } from './prom-metrics.js';

interface RegistryLike {
  registerMetric(metric: unknown): void;
}

const { Registry } = requirePeer('prom-client', 'prom-client', (): { Registry: new () => RegistryLike } => require('prom-client'));

/** A registry of prom-client whose metrics are in shared memory: any process answers for all of them. */
export class SharedRegistry extends Registry {
  readonly #series: Series;

  constructor(dict: Dict, { prefix = 'metric:' }: { prefix?: string | undefined } = {}) {
    super();
    this.#series = { dict, prefix, dropped: 0 };
  }

  /** How many changes this process could not store because the dictionary was full or closed. */
  get dropped(): number {
    return this.#series.dropped;
  }

  counter(options: MetricOptions): SharedCounter {
    return this.#registered(new SharedCounter(this.#series, options));
  }

  gauge(options: MetricOptions): SharedGauge {
    return this.#registered(new SharedGauge(this.#series, options));
  }

  histogram(options: MetricOptions & { buckets?: number[] | undefined }): SharedHistogram {
    return this.#registered(new SharedHistogram(this.#series, options));
  }

  #registered<T>(metric: T): T {
    this.registerMetric(metric);
    return metric;
  }
}
