// The longest calls: reads of what another process overwrites, evictions, reclaiming, and what other processes' writes wait.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { newDict } from '../table.mjs';
import { tailOf } from '../tail.mjs';

const PEER = fileURLToPath(new URL('../programs/tails.mjs', import.meta.url));

export const title = 'The longest calls, in ms, with another process at the same dictionary';

export async function run({ quick = false }) {
  const megabytes = quick ? 16 : 256;
  return [
    ...(await longReads(quick)),
    ...(await evictions(megabytes, quick ? 20 : 500)),
    ...(await evictions(megabytes / 4, quick ? 20 : 500)),
    ...(await full(megabytes / 2)),
    ...(await expired(quick ? 50_000 : 1_000_000)),
  ];
}

/** Reads a list of a million items, and a value of 20 MiB, while another process changes them. */
async function longReads(quick) {
  const dict = newDict({ size: '256mb', localCache: false });
  const items = quick ? 50_000 : 1_000_000;
  for (let item = 0; item < items; item += 10_000) dict.rpush('list', ...Array.from({ length: 10_000 }, (_, index) => item + index));
  dict.set('large', Buffer.alloc(20 << 20));
  const reads = { push: () => dict.lrange('list'), overwrite: () => dict.get('large') };
  const rows = [];
  for (const [kind, read] of Object.entries(reads)) {
    const what = kind === 'push' ? `lrange of ${items.toLocaleString('en')} items` : 'get of 20 MiB';
    rows.push(...rowsOf(`${what}, alone`, timesOf(10, read)));
    const beside = await withPeer(dict, kind, () => timesOf(10, read));
    rows.push(...rowsOf(`${what}, beside ${kind}`, beside.own), ...rowsOf(`${kind} beside it`, [], beside.peer));
  }
  dict.close();
  return rows;
}

/** Values of several pages in a dictionary full of numbers. */
async function evictions(megabytes, writes) {
  const dict = newDict({ size: `${megabytes}mb`, onFull: 'evict' });
  fill(dict, () => dict.stats().evictions > 0);
  const rows = [];
  const values = [
    { what: 'an eighth of it', bytes: megabytes * 120_000, times: 3, goals: { longest: 300 } },
    { what: '60 KB', bytes: 60_000, times: writes, goals: { p999: 5 } },
  ];
  for (const { what, bytes, times, goals } of values) {
    const value = Buffer.alloc(bytes, 1);
    const { own, peer } = await withPeer(dict, 'write', () => timesOf(times, (write) => dict.set(`value${write}`, value)));
    rows.push(...rowsOf(`set of ${what}, evicting from ${megabytes} MiB`, own, tailOf(own), goals), ...rowsOf('set of a number beside it', [], peer));
  }
  dict.close();
  return rows;
}

/** The last writes into a dictionary that evicts nothing, and refused ones with deletions in between. */
async function full(megabytes) {
  const dict = newDict({ size: `${megabytes}mb` });
  const last = [];
  let number = fill(dict, () => dict.stats().free < (1 << 20));
  const { peer } = await withPeer(dict, 'write', () => {
    for (;;) {
      number += 1;
      let stored = false;
      last.push(timed(() => (stored = tries(() => dict.set(`n${number}`, number)))));
      if (!stored) break;
    }
    for (let write = 0; write < 200; write += 1) {
      last.push(timed(() => tries(() => dict.set(`text${write}`, 'y'.repeat(300)))));
      for (let gone = 0; gone < 50; gone += 1) dict.delete(`n${write * 50 + gone}`);
    }
  });
  dict.close();
  return [...rowsOf(`set in ${megabytes} full MiB that evict nothing`, last), ...rowsOf('set of a number beside it', [], peer)];
}

/** Counting and reclaiming after many entries have expired. */
async function expired(entries) {
  const dict = newDict({ size: '128mb' });
  const ttl = { expiresAt: Date.now() + 100 + entries / 200 };
  for (let number = 0; number < entries; number += 1000) dict.setMany(batch(number), ttl);
  while (dict.has(`n${entries - 1}`));
  const { own, peer } = await withPeer(dict, 'write', () => timesOf(10, () => dict.stats()));
  const reclaiming = await withPeer(dict, 'write', () => timesOf(1, () => dict.flushExpired()));
  dict.close();
  const what = `${entries.toLocaleString('en')} expired entries`;
  return [
    ...rowsOf(`stats() after ${what}`, own),
    ...rowsOf('set of a number beside it', [], peer),
    ...rowsOf(`flushExpired() of ${what}`, reclaiming.own),
    ...rowsOf('set of a number beside it', [], reclaiming.peer),
  ];
}

function fill(dict, isFull) {
  let number = 0;
  while (!isFull()) for (const end = number + 10_000; number < end; number += 1000) dict.setMany(batch(number));
  return number;
}

function batch(from) {
  return Array.from({ length: 1000 }, (_, index) => [`n${from + index}`, from + index]);
}

function tries(write) {
  try {
    return write();
  } catch (error) {
    if (error.code !== 'ERR_SHM_FULL') throw error;
    return false;
  }
}

function timed(call) {
  const start = performance.now();
  call();
  return performance.now() - start;
}

function timesOf(count, call) {
  const before = process.cpuUsage();
  const times = Array.from({ length: count }, (_, number) => timed(() => call(number)));
  const { user, system } = process.cpuUsage(before);
  return Object.assign(times, { processor: (user + system) / 1000 / count });
}

/** Runs `work` while another process makes calls; returns the result of `work` and the tail of these calls. */
async function withPeer(dict, kind, work) {
  const peer = fork(PEER, [dict.name, kind]);
  await once(peer, 'message');
  const own = work();
  peer.send('stop');
  const [tail] = await once(peer, 'message');
  return { own, peer: tail };
}

function rowsOf(name, times, tail = tailOf(times), goals = {}) {
  const parts = times.processor === undefined ? tail : { ...tail, 'processor time of a call': times.processor };
  return Object.entries(parts).map(([part, reached]) => ({ name: `${name}: ${part}`, reached, unit: 'ms', most: goals[part] }));
}
