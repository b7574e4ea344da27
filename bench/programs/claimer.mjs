// A process that pushes, claims and finishes jobs of a queue: as many as it is told, one after the other.
import { SharedQueue } from 'shmkit';

const queue = SharedQueue.open(process.argv[2]);

process.on('message', (count) => {
  for (let left = count; left > 0; left -= 1) {
    queue.push(left);
    // Another process may have claimed it.
    queue.tryClaim()?.done();
  }
  process.send('done');
});
process.on('disconnect', () => process.exit());
process.send('ready');
