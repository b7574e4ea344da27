// A process that holds the data in one of the ways compared, touches all of it, and tells its memory.
import fs from 'node:fs';
import { SharedDict } from 'shmkit';
import { keyOf, readCities } from './cities.mjs';

const [kind, name, cities] = process.argv.slice(2);
let held;

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

/** Bytes of this process alone, and with its share of what it shares with others. */
function memory() {
  for (let round = 0; round < 4; round += 1) globalThis.gc();
  if (process.platform !== 'linux') return { own: process.memoryUsage.rss(), proportional: process.memoryUsage.rss() };
  const rollup = fs.readFileSync('/proc/self/smaps_rollup', 'utf8');
  const bytes = (field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(rollup)[1]) * 1024;
  return { own: bytes('Private_Clean') + bytes('Private_Dirty'), proportional: bytes('Pss'), held: held?.size };
}
