// A subscriber of a channel: hears everything from the beginning, or sleeps until it is asked. Asked with the number of messages
// that were posted, it reads to the last one and reports what it heard and missed.
import { SharedChannel } from 'shmkit';

const [name, mode] = process.argv.slice(2);
const channel = SharedChannel.open(name).ref();
const subscription = channel.subscribe();
const told = { heard: 0, missed: 0 };
let [last, posted] = [0, Infinity];

if (mode === 'reads') void hear();
process.on('message', (count) => {
  posted = count;
  if (mode === 'reads') endAtLast();
  else void hear();
});
process.send('ready');

async function hear() {
  let since = 0;
  for await (const { sequence, missed } of subscription) {
    told.heard += 1;
    told.missed += missed;
    last = Number(sequence);
    endAtLast();
    since += 1;
    // Messages of the parent must get in between.
    if (since % 4096 === 0) await new Promise((done) => setImmediate(done));
  }
}

function endAtLast() {
  if (last < posted) return;
  process.send(told);
  process.disconnect();
  channel.close();
}
