// What watchers cost writers, how fast they hear, and rate limits.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { inTurn, keep, median } from '../measure.mjs';
import { atLeast, atMost } from '../rows.mjs';
import { filled, keysOf, valueOf } from '../table.mjs';

const KEYS = keysOf(10_000);
const VALUES = KEYS.map(valueOf);
const SIZE = { size: '4mb', maxEntries: KEYS.length };
const PROGRAM = new URL('../programs/hears.mjs', import.meta.url);
const LIMIT = { limit: 1_000_000, window: 1, burst: 1_000_000_000 };
const DETAIL = { ttl: 60, detail: true };

export const title = 'Events; 10,000 keys in 4 MiB';

export async function run(options) {
  const count = options.quick ? 50 : 500;
  return [
    ...(await writes(options)),
    ...(await limits(options)),
    await consumed(options),
    atMost('set to event in a process asleep, median', await latency(count), 0.2, 'ms'),
    atMost('store to getOrSet in another process, median', await woken(count), 1, 'ms'),
  ];
}

const make = (more) => filled(KEYS, valueOf, { ...SIZE, ...more }).dict;

async function writes(options) {
  const [without, unwatched, watched] = [make({ feed: 0 }), make({}), make({})];
  watched.watch();
  const writer = (dict) => () => {
    for (let index = 0; index < KEYS.length; index += 1) keep(dict.set(KEYS[index], VALUES[index]));
  };
  const functions = { 'set without a feed': writer(without), 'set, unwatched': writer(unwatched), 'set, watched by one': writer(watched) };
  const figures = await inTurn(KEYS.length, functions, options);
  return [
    ...figures.rows(),
    atMost('set, unwatched, ratio', figures.ratio('set, unwatched', 'set without a feed'), 1.02, 'x no feed'),
    atMost('set, watched by one, ratio', figures.ratio('set, watched by one', 'set without a feed'), 1.3, 'x no feed'),
  ];
}

async function limits(options) {
  const [numbers, limiters] = [make({}), filled(['limiter'], () => 0n, SIZE).dict];
  for (const key of KEYS) numbers.set(key, 0, 60);
  limiters.delete('limiter');
  const figures = await inTurn(KEYS.length, {
    'incr with ttl and detail': () => {
      for (const key of KEYS) keep(numbers.incr(key, 1, DETAIL));
    },
    throttle: () => {
      for (let index = 0; index < KEYS.length; index += 1) keep(limiters.throttle('limiter', LIMIT));
    },
  }, options);
  return [
    ...figures.rows(),
    atMost('throttle, ratio', figures.ratio('throttle', 'incr with ttl and detail'), 1.2, 'x incr'),
    atLeast('throttle, decisions', 1000 / figures.of('throttle'), 4, 'million/s'),
  ];
}

/** Returns how many events a loop consumes, without the time of the writes. */
async function consumed({ quick }) {
  const dict = make({ feed: '1mb' });
  const events = dict.watch();
  let [heard, nanoseconds] = [0, 0n];
  for (let round = 0; round < (quick ? 5 : 100); round += 1) {
    for (let index = 0; index < KEYS.length; index += 1) dict.set(KEYS[index], VALUES[index]);
    const start = process.hrtime.bigint();
    for (let index = 0; index < KEYS.length; index += 1) {
      const { value } = await events.next();
      if (value.type === 'set') heard += 1;
    }
    nanoseconds += process.hrtime.bigint() - start;
  }
  return atLeast('events consumed', (heard * 1000) / Number(nanoseconds), 2, 'million/s');
}

/** Starts a process that hears, and returns it with the promise of its times. */
async function startHearing(task) {
  const child = fork(PROGRAM, { serialization: 'advanced' });
  await once(child, 'message');
  child.send(task);
  await once(child, 'message');
  return { child, times: once(child, 'message') };
}

async function latency(count) {
  const dict = make({});
  const { child, times } = await startHearing({ way: 'watch', name: dict.name, count });
  const starts = [];
  for (let turn = 0; turn < count; turn += 1) {
    await pause(2);
    dict.set('a', turn);
    starts.push(process.hrtime.bigint());
  }
  return medianDelay(child, starts, await times);
}

async function woken(count) {
  const dict = make({});
  const { child, times } = await startHearing({ way: 'getOrSet', name: dict.name, count });
  const starts = [];
  for (let turn = 0; turn < count; turn += 1) {
    await dict.getOrSet(`load ${turn}`, async () => {
      dict.set('turn', turn);
      while (dict.get('waits') !== turn) await pause(1);
      await pause(2);
      starts.push(process.hrtime.bigint());
      return 'loaded';
    });
  }
  return medianDelay(child, starts, await times);
}

function medianDelay(child, starts, [times]) {
  child.kill();
  return median(times.map((time, turn) => Number(time - starts[turn]) / 1e6));
}
