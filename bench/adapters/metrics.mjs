// Metrics, and messages between servers of socket.io.
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { createAdapter as overValkey } from '@socket.io/redis-adapter';
import { Counter, Histogram, Registry } from 'prom-client';
import { SharedDict } from 'shmkit';
import { observe } from 'shmkit/opentelemetry';
import { SharedRegistry } from 'shmkit/prom-client';
import { createAdapter as overShm } from 'shmkit/socket.io';
import { Server } from 'socket.io';
import { ClusterAdapter } from 'socket.io-adapter';
import { KEYS, mapped, newDict } from './stores.mjs';

const ROUTES = ['/', '/users', '/users/:id', '/carts', '/carts/:id', '/orders', '/orders/:id', '/login'];

let next = 0;
function labels() {
  next = (next + 1) % ROUTES.length;
  return { route: ROUTES[next] };
}

async function counters() {
  const options = { name: 'hits', help: 'Hits', labelNames: ['route'] };
  const kinds = { memory: new Counter({ ...options, registers: [new Registry()] }), shm: new SharedRegistry(newDict()).counter(options) };
  return mapped(kinds, (counter) => () => counter.inc(labels()));
}

async function histograms() {
  const options = { name: 'seconds', help: 'Seconds', labelNames: ['route'] };
  const kinds = { memory: new Histogram({ ...options, registers: [new Registry()] }), shm: new SharedRegistry(newDict()).histogram(options) };
  return mapped(kinds, (histogram) => () => histogram.observe(labels(), (next + 1) / 20));
}

class ManualReader extends MetricReader {
  async onForceFlush() {}

  async onShutdown() {}
}

/** Reports what `observe` does, from variables. */
function observeVariables(meter) {
  const requests = meter.createObservableCounter('cache.requests');
  const others = [meter.createObservableCounter('cache.evictions'), meter.createObservableUpDownCounter('cache.entries'), meter.createObservableUpDownCounter('cache.estimated_size')];
  const name = { 'cache.name': 'memory' };
  const report = (result) => {
    result.observe(requests, 5, { ...name, 'cache.request.type': 'hit' });
    result.observe(requests, 6, { ...name, 'cache.request.type': 'miss' });
    for (const instrument of others) result.observe(instrument, 7, name);
  };
  meter.addBatchObservableCallback(report, [requests, ...others]);
}

/** Returns a function that collects once. */
function collector(begin) {
  const reader = new ManualReader();
  begin(new MeterProvider({ readers: [reader] }).getMeter('bench'));
  return () => reader.collect();
}

async function collections() {
  const dict = newDict();
  for (const each of KEYS) dict.set(each, 7);
  return { memory: collector(observeVariables), shm: collector((meter) => observe(dict, meter)) };
}

/** Two servers in this process that hand each other the messages as they are. */
function localAdapter() {
  const adapters = [];
  class Local extends ClusterAdapter {
    constructor(nsp) {
      super(nsp);
      adapters.push(this);
    }

    async doPublish(message) {
      for (const adapter of adapters) if (adapter !== this) adapter.onMessage(message);
      return '';
    }
  }
  return function localAdapterOf(nsp) {
    return new Local(nsp);
  };
}

/** Returns a function that emits to all other servers, and waits until the one that there is has it. */
function emitter(adapterOf) {
  const [one, other] = [new Server({ adapter: adapterOf() }), new Server({ adapter: adapterOf() })];
  let received;
  other.on('hello', () => received());
  return () =>
    new Promise((resolve) => {
      received = resolve;
      one.serverSideEmit('hello', { user: 7, text: 'to all' });
    });
}

async function sockets({ valkey }) {
  const name = `bench-socket-${process.pid}`;
  const local = localAdapter();
  const subscribers = [];
  const remote = () => {
    subscribers.push(valkey.duplicate());
    return overValkey(valkey, subscribers.at(-1));
  };
  const calls = { memory: emitter(() => local), shm: emitter(() => overShm({ name })), server: valkey && emitter(remote) };
  const end = () => {
    for (const subscriber of subscribers) subscriber.disconnect();
    SharedDict.unlink(`${name}.members`);
  };
  return { ...calls, end };
}

/** By title, as `STORES`. */
export const METRICS = {
  'prom-client inc': { prepare: counters },
  'prom-client observe': { prepare: histograms },
  'OpenTelemetry collect': { prepare: collections },
  'socket.io serverSideEmit': { prepare: sockets },
};
