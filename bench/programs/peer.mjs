// The other end of a channel, as a process or a worker thread: receives the requested number of messages and reports it.
import net from 'node:net';
import { isMainThread, parentPort } from 'node:worker_threads';
import { SharedRing } from 'shmkit';

const MOST = 1024;

const channels = {
  /** Receives in batches, and sleeps while the ring is empty. */
  ring({ name, count }) {
    const ring = SharedRing.open(name);
    for (let left = count; left > 0; ) {
      const messages = ring.tryReceiveMany(Math.min(left, MOST));
      left -= messages.length > 0 ? messages.length : Number(ring.receiveSync() !== null);
    }
    ring.close();
    return Promise.resolve();
  },
  /** Receives into reused memory, and sleeps while the ring is empty. */
  ringInto({ name, count, bytes }) {
    const ring = SharedRing.open(name);
    const target = Buffer.alloc(bytes);
    for (let left = count; left > 0; left -= 1) if (ring.tryReceiveInto(target) < 0) ring.receiveSync();
    ring.close();
    return Promise.resolve();
  },
  /** Receives one by one, without blocking the event loop. */
  async ringAsync({ name, count }) {
    const ring = SharedRing.open(name);
    for (let left = count; left > 0; left -= 1) await ring.receive({ ref: true });
    ring.close();
  },
  /** Only counts bytes: a receiver of messages would also have to split them. */
  socket({ path, count, bytes }) {
    return new Promise((done) => {
      let left = count * bytes;
      const socket = net.connect(path);
      socket.on('data', (chunk) => {
        left -= chunk.length;
        if (left === 0) socket.end(done);
      });
    });
  },
};

const port = isMainThread ? process : parentPort;
const answer = (message) => (isMainThread ? process.send(message) : parentPort.postMessage(message));
let left = 0;

port.on('message', (message) => {
  if (message instanceof Uint8Array) {
    left -= 1;
    if (left === 0) answer('done');
    return;
  }
  const { kind, ...task } = message;
  if (kind === 'messages') {
    left = task.count;
    answer('ready');
    return;
  }
  answer('ready');
  channels[kind](task).then(() => answer('done'));
});
