// `npm run bench`: what the calls cost against a Map and against the least that any native call costs, with the goals.
import fs from 'node:fs';
import os from 'node:os';
import { calls } from './cases/calls.mjs';
import { scale } from './cases/scale.mjs';
import { removeAll } from './table.mjs';

const RESULTS = 'build/bench.json';

function print({ name, reached, unit, most }) {
  const figure = `${reached < 10 ? reached.toFixed(2) : reached.toFixed(0)} ${unit}`.padEnd(18);
  const verdict = most === undefined ? '' : `goal <= ${String(most).padEnd(4)} ${reached <= most ? 'reached' : 'MISSED'}`;
  process.stdout.write(`${name.padEnd(28)} ${figure} ${verdict}`.trimEnd());
  process.stdout.write('\n');
}

const machine = `${os.cpus()[0].model.trim()}, ${os.availableParallelism()} cores, Node ${process.versions.node}, ${os.platform()} ${os.arch()}`;
process.stdout.write(`${machine}\nMedians of functions measured in turn; 16-byte keys, 32-byte values, no local cache where not said\n\n`);

const results = [];
try {
  for (const run of [calls, scale]) {
    for (const result of await run()) {
      results.push(result);
      print(result);
    }
    removeAll();
  }
} finally {
  removeAll();
}
const goals = results.filter((result) => result.most !== undefined);
const reached = goals.filter((result) => result.reached <= result.most);
process.stdout.write(`\n${reached.length} of ${goals.length} goals reached; raw figures in ${RESULTS}\n`);
fs.mkdirSync('build', { recursive: true });
fs.writeFileSync(RESULTS, `${JSON.stringify({ machine, when: new Date().toISOString(), results }, null, 2)}\n`);
