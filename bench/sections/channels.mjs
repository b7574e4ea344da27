// Messages that are posted to eight subscribers.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { SharedChannel } from 'shmkit';
import { median } from '../measure.mjs';
import { atLeast } from '../rows.mjs';

const SUBSCRIBER = fileURLToPath(new URL('../programs/subscriber.mjs', import.meta.url));
const SUBSCRIBERS = 8;
const COUNT = 1_000_000;
const BURST = 10_000;

export const title = `Small messages to ${SUBSCRIBERS} processes, on ${os.availableParallelism()} cores`;

export async function run({ quick = false }) {
  const asleep = await measure('sleeps', quick);
  const reading = await measure('reads', quick);
  return [
    atLeast(`posted with ${SUBSCRIBERS} subscribers asleep`, asleep.rate / 1e6, 2, 'M/s'),
    atLeast(`posted with ${SUBSCRIBERS} subscribers that read`, reading.rate / 1e6, 2, 'M/s'),
    { name: 'each of these heard, of what was posted', reached: reading.heard, unit: 'x' },
    { name: 'each of these missed, of what was posted', reached: reading.missed, unit: 'x' },
  ];
}

async function measure(mode, quick) {
  const channel = SharedChannel.create(`bench-${process.pid}`, '16mb');
  const subscribers = Array.from({ length: SUBSCRIBERS }, () => fork(SUBSCRIBER, [channel.name, mode]));
  try {
    await Promise.all(subscribers.map((subscriber) => once(subscriber, 'message')));
    const rates = Array.from({ length: quick ? 2 : 7 }, () => rateOf(channel, quick ? COUNT / 5 : COUNT));
    const posted = channel.stats().posted;
    // Those that read come to the end.
    await new Promise((done) => setTimeout(done, 500));
    const told = await Promise.all(subscribers.map(report));
    const share = (name) => median(told.map((each) => each[name] / posted));
    return { rate: median(rates), heard: share('heard'), missed: share('missed') };
  } finally {
    subscribers.forEach((subscriber) => subscriber.kill());
    channel.close();
  }
}

/** Returns the messages per second of the poster's own time, which the subscribers share with it on few cores. */
function rateOf(channel, count) {
  const start = performance.now();
  for (let posted = 0; posted < count; posted += BURST) {
    for (let number = 0; number < BURST; number += 1) channel.post(number);
  }
  return count / ((performance.now() - start) / 1000);
}

async function report(subscriber) {
  subscriber.send('report');
  const [told] = await once(subscriber, 'message');
  return told;
}
