// Messages from one process to another: over a ring, and over what Node has for it.
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
const LARGE = { bytes: MIB, counts: { ringInto: 500, ring: 500, ringAsync: 200, ipc: 40, socket: 200, port: 200 } };
const TITLES = {
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
    const memcpy = bytesPerSecond(quick);
    return [
      atLeast(`64 bytes: ${TITLES.ring}`, small.ring / 1e6, 2, 'M/s'),
      ...rowsOf('64 bytes', small, 1e6, 'M/s').slice(1),
      { name: 'Buffer.copy, 1 MiB', reached: memcpy / 1e9, unit: 'GB/s' },
      ...rowsOf('1 MiB', large, 1e9 / MIB, 'GB/s'),
      atLeast(`1 MiB: ${TITLES.ringInto}, of Buffer.copy`, (large.ringInto * MIB) / memcpy, 0.4, 'x'),
      { name: `1 MiB: ${TITLES.ring}, of Buffer.copy`, reached: (large.ring * MIB) / memcpy, unit: 'x' },
    ];
  } finally {
    peer.disconnect();
    await worker.terminate();
    ring.close();
    fs.rmSync(directory, { recursive: true });
  }
}

function rowsOf(size, rates, unitSize, unit) {
  return Object.entries(rates).map(([kind, rate]) => ({ name: `${size}: ${TITLES[kind]}`, reached: rate / unitSize, unit }));
}

/** Medians of messages a second of each kind of channel, measured in turn. */
async function ratesOf({ bytes, counts }, ends, quick) {
  const rates = Object.fromEntries(Object.keys(counts).map((kind) => [kind, []]));
  for (let round = 0; round < (quick ? 2 : 7); round += 1) {
    for (const [kind, most] of Object.entries(counts)) {
      const count = quick ? most / 5 : most;
      rates[kind].push(count / (await channels[kind](ends, count, Buffer.alloc(bytes, 'message'))));
    }
  }
  return Object.fromEntries(Object.entries(rates).map(([kind, all]) => [kind, median(all)]));
}

/** Seconds from the first message sent until the peer has had all. */
const channels = {
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

/** Of copies between buffers as large as the ring. */
function bytesPerSecond(quick) {
  const [from, to] = [Buffer.alloc(8 * MIB, 1), Buffer.alloc(8 * MIB, 2)];
  const rates = [];
  for (let round = 0; round < (quick ? 5 : 25); round += 1) {
    const start = performance.now();
    for (let at = 0; at < from.length; at += MIB) keep(from.copy(to, at, at, at + MIB));
    rates.push((from.length / (performance.now() - start)) * 1000);
  }
  return median(rates);
}
