// Messages from one process to another, over a ring and over the channels that Node has.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { SharedRing } from 'shmkit';
import { keep, median } from '../measure.mjs';
import { atLeast } from '../rows.mjs';

const PEER = fileURLToPath(new URL('../programs/peer.mjs', import.meta.url));
const MIB = 2 ** 20;
const BATCH = 256;
const SMALL = { bytes: 64, counts: { ring: 500_000, ringAsync: 50_000, ipc: 20_000, socket: 50_000, port: 50_000 } };
const LARGE = { bytes: MIB, counts: { copy: 500, copyNew: 200, ringInto: 500, ring: 500, ringAsync: 200, ipc: 40, socket: 200, port: 200 } };
const TITLES = {
  copy: 'Buffer.copy within 8 MiB, no other process',
  copyNew: 'Buffer.copy into new Buffers, no other process',
  ring: 'ring, trySendMany and tryReceiveMany',
  ringInto: 'ring, sendSync and tryReceiveInto',
  ringAsync: 'ring, await send and await receive',
  ipc: 'child_process IPC',
  socket: 'Unix socket',
  port: 'MessagePort to a worker thread',
};

export const title = `Messages to another process, on ${os.availableParallelism()} cores; the socket only counts bytes`;

export async function run({ quick = false }) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-bench-'));
  const ring = SharedRing.create(`bench-${process.pid}`, 8 * MIB);
  const peer = fork(PEER, { serialization: 'advanced' });
  const worker = new Worker(PEER);
  const ends = { ring, peer, worker, path: path.join(directory, 'socket') };
  try {
    const small = await ratesOf(SMALL, ends, quick);
    const large = await ratesOf(LARGE, ends, quick);
    return [
      atLeast(`64 bytes: ${TITLES.ring}`, median(small.ring) / 1e6, 2, 'M/s'),
      ...rowsOf('64 bytes', small, 1e6, 'M/s').slice(1),
      ...rowsOf('1 MiB', large, 1e9 / MIB, 'GB/s'),
      atLeast('1 MiB: tryReceiveInto, of Buffer.copy', ratio(large, 'ringInto', 'copy'), 0.4, 'x'),
      atLeast('1 MiB: tryReceiveMany, of Buffer.copy into new ones', ratio(large, 'ring', 'copyNew'), 0.4, 'x'),
      { name: '1 MiB: tryReceiveMany, of Buffer.copy', reached: ratio(large, 'ring', 'copy'), unit: 'x' },
      { name: '1 MiB: await receive, of Buffer.copy into new ones', reached: ratio(large, 'ringAsync', 'copyNew'), unit: 'x' },
    ];
  } finally {
    peer.disconnect();
    await worker.terminate();
    ring.close();
    fs.rmSync(directory, { recursive: true });
  }
}

function rowsOf(size, rates, unitSize, unit) {
  return Object.entries(rates).map(([kind, all]) => ({ name: `${size}: ${TITLES[kind]}`, reached: median(all) / unitSize, unit }));
}

/** Returns the median of the ratios of two channels in the same round. */
function ratio(rates, kind, by) {
  return median(rates[kind].map((rate, round) => rate / rates[by][round]));
}

/** Returns the messages per second of each kind of channel in each round, measured in turn. */
async function ratesOf({ bytes, counts }, ends, quick) {
  const rates = Object.fromEntries(Object.keys(counts).map((kind) => [kind, []]));
  for (let round = 0; round < (quick ? 2 : 7); round += 1) {
    for (const [kind, most] of Object.entries(counts)) {
      const count = quick ? most / 5 : most;
      rates[kind].push(count / (await channels[kind](ends, count, Buffer.alloc(bytes, 'message'))));
    }
  }
  return rates;
}

/** Returns the seconds from the first message sent until the peer has received all. */
const channels = {
  copy(_, count, message) {
    const [from, to] = [1, 2].map((byte) => Buffer.alloc(8 * MIB, byte));
    const start = performance.now();
    for (let left = count, at = 0; left > 0; left -= 1, at = (at + message.length) % from.length) {
      keep(from.copy(to, at, at, at + message.length));
    }
    return (performance.now() - start) / 1000;
  },
  copyNew(_, count, message) {
    const start = performance.now();
    for (let left = count; left > 0; left -= 1) keep(message.copy(Buffer.allocUnsafeSlow(message.length)));
    return (performance.now() - start) / 1000;
  },
  async ring({ ring, peer }, count, message) {
    const batch = Array.from({ length: Math.min(BATCH, Math.floor((4 * MIB) / message.length)) }, () => message);
    return await timed(peer, { kind: 'ring', name: ring.name, count }, () => {
      for (let left = count; left > 0; ) {
        const sent = ring.trySendMany(left < batch.length ? batch.slice(0, left) : batch);
        left -= sent > 0 ? sent : Number(ring.sendSync(message));
      }
    });
  },
  async ringInto({ ring, peer }, count, message) {
    return await timed(peer, { kind: 'ringInto', name: ring.name, count, bytes: message.length }, () => {
      for (let left = count; left > 0; left -= 1) ring.sendSync(message);
    });
  },
  async ringAsync({ ring, peer }, count, message) {
    return await timed(peer, { kind: 'ringAsync', name: ring.name, count }, async () => {
      for (let left = count; left > 0; left -= 1) await ring.send(message);
    });
  },
  async ipc({ peer }, count, message) {
    return await timed(peer, { kind: 'messages', count }, async () => {
      for (let left = count; left > 0; left -= 1) {
        if (!peer.send(message) && left > 1) await new Promise((done) => setImmediate(done));
      }
    });
  },
  async port({ worker }, count, message) {
    return await timed(worker, { kind: 'messages', count }, () => {
      for (let left = count; left > 0; left -= 1) worker.postMessage(message);
    });
  },
  async socket({ peer, path: address }, count, message) {
    const server = net.createServer().listen(address);
    await once(server, 'listening');
    const connected = once(server, 'connection');
    const seconds = await timed(peer, { kind: 'socket', path: address, count, bytes: message.length }, async () => {
      const [socket] = await connected;
      for (let left = count; left > 0; left -= 1) {
        if (!socket.write(message)) await once(socket, 'drain');
      }
    });
    server.close();
    return seconds;
  },
};

async function timed(peer, task, send) {
  if (peer.send) peer.send(task);
  else peer.postMessage(task);
  await once(peer, 'message');
  const done = once(peer, 'message');
  const start = performance.now();
  await send();
  await done;
  return (performance.now() - start) / 1000;
}
