// A subscriber of a channel: hears everything, or sleeps after its first message. Reports what it heard and missed.
import { SharedChannel } from 'shmkit';

const [name, mode] = process.argv.slice(2);
const channel = SharedChannel.open(name).ref();
const subscription = channel.subscribe();
const told = { heard: 0, missed: 0 };

if (mode === 'reads') void hear();
process.on('message', () => {
  process.send(told);
  process.disconnect();
  channel.close();
});
process.send('ready');

async function hear() {
  let since = 0;
  for await (const { missed } of subscription) {
    told.heard += 1;
    told.missed += missed;
    since += 1;
    // Messages of the parent must get in between.
    if (since % 4096 === 0) await new Promise((done) => setImmediate(done));
  }
}
