// One of the demo's processes: looks up random cities and counts the hits of each country.
import fs from 'node:fs';
import { SharedDict } from 'shmkit';
import { keyOf } from './cities.mjs';

const [name, cities, file] = process.argv.slice(2);
const dict = SharedDict.open(name);
const record = Buffer.alloc(16);
const descriptor = fs.openSync(file, 'w');
let lookups = 0;
let hits = 0;
let running = true;

function serve() {
  for (let request = 0; request < 500; request += 1) {
    const city = dict.get(keyOf(Math.floor(Math.random() * cities)));
    lookups += 1;
    if (city === undefined) continue;
    dict.incr(`hits:${city.country}`, 1, { init: 0 });
    hits += 1;
    acknowledge();
  }
  if (running) setImmediate(serve);
  else process.disconnect();
}

// The counter has been incremented: record that where a kill cannot undo it.
function acknowledge() {
  record.writeDoubleLE(lookups, 0);
  record.writeDoubleLE(hits, 8);
  fs.writeSync(descriptor, record, 0, record.length, 0);
}

process.on('message', () => {
  running = false;
});
acknowledge();
process.send('ready');
serve();
