import type { Meter } from '@opentelemetry/api';
import type { SharedDict } from '../shared-dict.js';

/**
 * Reports `cache.requests`, `cache.evictions`, `cache.entries` and `cache.estimated_size` of a dictionary whenever the
 * meter collects, and returns a function that ends it. The figures are those of all processes: report them from one.
 */
export function observe(dict: SharedDict<any>, meter: Meter): () => void;
