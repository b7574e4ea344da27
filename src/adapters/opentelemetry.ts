// Figures about a dictionary as metrics of OpenTelemetry.
import type { Dict } from './entries.js';

interface Instrument {
  readonly observable?: never;
}
interface Result {
  observe(instrument: Instrument, value: number, attributes: Record<string, string>): void;
}
interface MeterLike {
  createObservableCounter(name: string, options: object): Instrument;
  createObservableUpDownCounter(name: string, options: object): Instrument;
  addBatchObservableCallback(callback: (result: Result) => void, instruments: Instrument[]): void;
  removeBatchObservableCallback(callback: (result: Result) => void, instruments: Instrument[]): void;
}

/**
 * Reports the statistics of a dictionary whenever the meter collects, and returns a function that ends it. The totals are
 * those of all processes: report them from one.
 */
export function observe(dict: Dict, meter: MeterLike): () => void {
  const requests = meter.createObservableCounter('cache.requests', { unit: '{request}', description: 'Reads of the dictionary, by result' });
  const evictions = meter.createObservableCounter('cache.evictions', { unit: '{eviction}', description: 'Entries that gave way to others' });
  const entries = meter.createObservableUpDownCounter('cache.entries', { unit: '{entry}', description: 'Live entries' });
  const bytes = meter.createObservableUpDownCounter('cache.estimated_size', { unit: 'By', description: 'Memory in use' });
  const instruments = [requests, evictions, entries, bytes];
  const name = { 'cache.name': dict.name };
  const report = (result: Result): void => {
    if (dict.closed) return;
    const stats = dict.stats();
    result.observe(requests, stats.hits, { ...name, 'cache.request.type': 'hit' });
    result.observe(requests, stats.misses, { ...name, 'cache.request.type': 'miss' });
    result.observe(evictions, stats.evictions, name);
    result.observe(entries, stats.entries, name);
    result.observe(bytes, stats.used, name);
  };
  meter.addBatchObservableCallback(report, instruments);
  return () => meter.removeBatchObservableCallback(report, instruments);
}
