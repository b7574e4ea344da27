// `npm run demo`: the cities of the world in one dictionary, used by four processes, one of which is killed on the way.
// Ends by itself, with exit code 0 if every count is right.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SharedDict } from 'shmkit';
import { loadCities } from './cities.mjs';
import { compareMemory } from './memory.mjs';
import { serve, WORKERS } from './serve.mjs';
import { print, printTable } from './print.mjs';

const SIZE = '64mb';
// The directory where recording an acknowledgement is cheapest.
const MEMORY = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();

async function main() {
  const started = performance.now();
  const directory = fs.mkdtempSync(path.join(MEMORY, 'shmkit-demo-'));
  const dict = SharedDict.create(`demo-${process.pid}`, { size: SIZE, maxEntries: 200_000 });
  try {
    const cities = await loadCities(dict);
    const { size, free } = dict.stats();
    print(`${cities.toLocaleString('en')} cities in one dictionary of ${SIZE}: ${Math.round((size - free) / cities)} bytes per entry`);

    print(`\n${WORKERS} processes look cities up and count their hits; one is killed (SIGKILL) as it writes`);
    const { workers, seconds } = await serve(dict, cities, directory);
    printWorkers(workers, seconds);

    print('\nmemory of one process, in MB');
    const { rows, summary } = await compareMemory(dict, cities);
    printTable(rows);
    print(summary);

    const problems = check(dict, cities, workers);
    const took = `${((performance.now() - started) / 1000).toFixed(1)} s`;
    for (const problem of problems) print(`WRONG: ${problem}`);
    print(problems.length === 0 ? `\nevery count is right (${took})` : `\n${problems.length} problems (${took})`);
    process.exitCode = problems.length === 0 ? 0 : 1;
  } finally {
    dict.close();
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

function printWorkers(workers, seconds) {
  printTable([
    ['process', 'look-ups', 'a second', 'hits acknowledged', ''],
    ...workers.map((worker) => [
      String(worker.pid),
      worker.lookups.toLocaleString('en'),
      perSecond(worker.lookups, worker.seconds),
      worker.hits.toLocaleString('en'),
      worker.killed ? 'killed' : '',
    ]),
  ]);
  const total = workers.reduce((sum, worker) => sum + worker.lookups, 0);
  print(`together ${perSecond(total, seconds)} look-ups a second, each with its incr`);
}

function perSecond(count, seconds) {
  return Math.round(count / seconds).toLocaleString('en');
}

/** Returns what is wrong: compares counters with acknowledgements, checks the number of entries, and audits. */
function check(dict, cities, workers) {
  const problems = [];
  const acknowledged = workers.reduce((sum, worker) => sum + worker.hits, 0);
  const killed = workers.filter((worker) => worker.killed).length;
  let counted = 0;
  let counters = 0;
  for (const key of dict.keys({ prefix: 'hits:' })) {
    counted += dict.get(key);
    counters += 1;
  }
  print(`\nhits: ${counted.toLocaleString('en')} counted in ${counters} counters, ${acknowledged.toLocaleString('en')} acknowledged`);
  if (counted < acknowledged) problems.push(`${acknowledged - counted} acknowledged hits are lost`);
  if (counted > acknowledged + killed) problems.push(`${counted - acknowledged} more hits than were acknowledged, with ${killed} process killed`);
  if (dict.size !== cities + counters) problems.push(`${dict.size} entries, not ${cities + counters}`);
  const { recoveries, processes } = dict.stats();
  const audit = dict.verify();
  print(`recoveries: ${recoveries}; processes attached now: ${processes}; audit: ${audit.ok ? 'sound' : 'damaged'}`);
  problems.push(...audit.problems);
  if (!audit.ok && audit.problems.length === 0) problems.push('the audit failed');
  return problems;
}

await main();
