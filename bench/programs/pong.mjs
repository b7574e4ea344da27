// Answers each permit of one semaphore with one of another, blocked or with its event loop free.
import { SharedSemaphore } from 'shmkit';

process.on('message', async ({ ping, pong, count, blocking }) => {
  const [there, back] = [SharedSemaphore.open(ping), SharedSemaphore.open(pong)];
  process.send('begun');
  for (let turn = 0; turn < count; turn += 1) {
    if (blocking) there.acquireSync();
    else await there.acquire();
    back.release();
  }
  there.close();
  back.close();
});

process.send('ready');
