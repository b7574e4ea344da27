// A mixed load for a given time, by processes that are killed and stopped at random, checked against what they
// acknowledged. Prints a report; the exit code is 1 if anything was lost, damaged or leaked.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { Soak } from '../support/soak';

const HELP = `npm run soak -- [--minutes N] [--lanes N] [--seed N]

  --minutes  how long (default 3; fractions allowed)
  --lanes    processes at a time (default 4)
  --seed     repeats the random choices of a run

Operations and kills are counted while it runs. At the end everything is deleted, and what is still in use is a leak.`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    lanes: { type: 'string', default: '4' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    help: { type: 'boolean' },
  },
});

async function main(): Promise<void> {
  const [minutes, lanes, seed] = [values.minutes, values.lanes, values.seed].map(Number) as [number, number, number];
  if (!(minutes > 0) || !(lanes > 0) || !Number.isInteger(seed)) throw new RangeError(HELP);
  console.log(`seed ${seed}`);
  const soak = new Soak(lanes, seed);
  await soak.run(minutes * 60, 1, (line) => process.stderr.write(`\r${line} `));
  process.stderr.write('\n');
  await soak.settle();
  for (const line of soak.report()) console.log(line);
  console.log(`soak: ${soak.problems.length} violations`);
  process.exitCode = soak.problems.length > 0 ? 1 : 0;
}

if (values.help) console.log(HELP);
else void main();
