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
    ...shares('each of these, once awake', asleep),
    { name: `posted with ${SUBSCRIBERS} subscribers that read`, reached: reading.rate / 1e6, unit: 'M/s' },
    atLeast(`posted with ${SUBSCRIBERS} subscribers that read, of processor time`, reading.ownRate / 1e6, 2, 'M/s'),
    ...shares('each of these', reading),
  ];
}

/** Returns what subscribers heard, and that all of them were told exactly of the rest. */
function shares(name, { told, posted }) {
  const heard = told.map((each) => each.heard / posted).toSorted((a, b) => a - b);
  const exact = told.filter((each) => each.heard + each.missed === posted).length;
  return [
    { name: `${name}, least heard`, reached: heard.at(0), unit: 'of what was posted' },
    { name: `${name}, median heard`, reached: median(heard), unit: 'of what was posted' },
    { name: `${name}, most heard`, reached: heard.at(-1), unit: 'of what was posted' },
    atLeast(`${name}, missed exactly the rest`, exact, SUBSCRIBERS, 'subscribers'),
  ];
}

async function measure(mode, quick) {
  const channel = SharedChannel.create(`bench-${process.pid}`, '16mb');
  const subscribers = Array.from({ length: SUBSCRIBERS }, () => fork(SUBSCRIBER, [channel.name, mode]));
  try {
    await Promise.all(subscribers.map((subscriber) => once(subscriber, 'message')));
    const rates = Array.from({ length: quick ? 2 : 7 }, () => ratesOf(channel, quick ? COUNT / 5 : COUNT));
    const { posted } = channel.stats();
    const told = await Promise.all(subscribers.map((subscriber) => report(subscriber, posted)));
    return { rate: median(rates.map(({ rate }) => rate)), ownRate: median(rates.map(({ ownRate }) => ownRate)), told, posted };
  } finally {
    subscribers.forEach((subscriber) => subscriber.kill());
    channel.close();
  }
}

/** Returns the messages per second, and per second of the poster's processor time: subscribers that read share its core. */
function ratesOf(channel, count) {
  const start = performance.now();
  const before = process.cpuUsage();
  for (let posted = 0; posted < count; posted += BURST) {
    for (let number = 0; number < BURST; number += 1) channel.post(number);
  }
  const { user, system } = process.cpuUsage(before);
  return { rate: count / ((performance.now() - start) / 1000), ownRate: count / ((user + system) / 1e6) };
}

async function report(subscriber, posted) {
  subscriber.send(posted);
  const [told] = await once(subscriber, 'message');
  return told;
}
