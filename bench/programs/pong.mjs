// The other end of a ping-pong, as a process or a worker thread: answers each ping with a pong, in the requested way.
import net from 'node:net';
import { isMainThread, parentPort } from 'node:worker_threads';
import { SharedSemaphore } from 'shmkit';

const ways = {
  /** Answers permits of one semaphore with those of another, blocking the thread. */
  async sync({ ping, pong, count }) {
    const [there, back] = [SharedSemaphore.open(ping), SharedSemaphore.open(pong)];
    for (let turn = 0; turn < count; turn += 1) {
      there.acquireSync();
      back.release();
    }
  },
  /** The same, without blocking the event loop. */
  async async({ ping, pong, count }) {
    const [there, back] = [SharedSemaphore.open(ping), SharedSemaphore.open(pong)];
    for (let turn = 0; turn < count; turn += 1) {
      await there.acquire();
      back.release();
    }
  },
  /** Records when each permit arrived, on the clock that all processes share. */
  async asleep({ ping, pong, count }) {
    const [there, back] = [SharedSemaphore.open(ping), SharedSemaphore.open(pong)];
    const times = [];
    for (let turn = 0; turn < count; turn += 1) {
      await there.acquire();
      times.push(process.hrtime.bigint());
      back.release();
    }
    return times;
  },
  /** Answers bytes over a Unix socket. */
  socket({ path, count }) {
    return new Promise((done) => {
      let left = count;
      const socket = net.connect(path).on('data', (bytes) => {
        socket.write(bytes);
        left -= 1;
        if (left === 0) socket.end(done);
      });
    });
  },
  /** Answers changes of a word of shared memory, between threads. */
  async atomics({ words, count }) {
    for (let turn = 1; turn <= count; turn += 1) {
      await Atomics.waitAsync(words, 0, turn - 1).value;
      Atomics.store(words, 1, turn);
      Atomics.notify(words, 1);
    }
  },
};

const port = isMainThread ? process : parentPort;
const answer = (message) => (isMainThread ? process.send(message) : parentPort.postMessage(message));

port.on('message', ({ way, ...task }) => {
  // Before the call, because some of them block.
  answer('begun');
  ways[way](task).then((result) => answer(result ?? 'over'));
});
answer('ready');
