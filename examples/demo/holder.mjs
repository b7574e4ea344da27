// A process that holds the data in one of the compared ways, touches all of it, and reports its memory.
import fs from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { SharedDict } from 'shmkit';
import { keyOf, readCities } from './cities.mjs';

const [kind, name, cities] = process.argv.slice(2);
let held;

// Reading creates garbage, and V8 keeps the space for it, so the empty process creates as much.
if (kind === 'nothing') {
  const city = serialize({ name: 'Nowhere', country: 'XX', population: 0, longitude: 0.1, latitude: 0.1 });
  for (let index = 0; index < cities; index += 1) deserialize(city);
}
if (kind === 'dictionary') {
  held = SharedDict.open(name);
  for (let index = 0; index < cities; index += 1) held.get(keyOf(index));
}
if (kind === 'map') held = new Map(readCities().map((city, index) => [keyOf(index), city]));

process.on('message', (message) => {
  if (message === 'end') process.disconnect();
  else process.send(memory());
});
process.send('ready');

/** Returns the private bytes of this process, and those including its share of shared memory. */
function memory() {
  // Makes V8 as small as it can be, in every kind of process.
  for (let round = 0; round < 3; round += 1) globalThis.gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  if (process.platform !== 'linux') return { own: process.memoryUsage.rss(), proportional: process.memoryUsage.rss() };
  const rollup = fs.readFileSync('/proc/self/smaps_rollup', 'utf8');
  const bytes = (field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(rollup)[1]) * 1024;
  return { own: bytes('Private_Clean') + bytes('Private_Dirty'), proportional: bytes('Pss'), held: held?.size };
}
