// `npm run bench:cores`: what the locks would cost on machines with more cores than this one has.
//
// Measured here: how long a lock is held, with the shard's lines in this core's cache and in another core's; what it costs
// to hand a lock over and to wake a waiter; and what a call does outside of the lock. Computed from that: throughput on 1
// to 128 cores.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { buildGauge } from '../../scripts/guard/counts.mjs';
import { machineOf } from '../machine.mjs';
import { inTurn, keep } from '../measure.mjs';
import { save } from '../report/save.mjs';
import { digits } from '../rows.mjs';
import { filled, keysOf, removeAll, valueOf } from '../table.mjs';
import { skewed, uniform } from './picks.mjs';
import { simulate } from './simulate.mjs';

const RESULTS = 'build/cores.json';
const CORES = [1, 2, 4, 8, 16, 32, 64, 128];
const SHARDS = [1, 4, 16, 64, 256, 1024];
/** A number of shards is enough if it reaches this share of the best throughput. */
const GOOD_ENOUGH = 0.95;
const UNLIMITED = 1 << 16;
const HELP = `npm run bench:cores -- [--save]

Measures the locks, and computes the throughput on up to ${CORES.at(-1)} cores. The results are also written to ${RESULTS};
--save writes them and the charts into docs/benchmarks/.
`;

const { values: options } = parseArgs({ options: { save: { type: 'boolean' }, help: { type: 'boolean' } } });

/** Returns nanoseconds per call from JavaScript. */
async function callTimes() {
  const keys = keysOf(10_000);
  const value = valueOf('cores');
  const { dict } = filled(keys, valueOf, { size: '4mb' });
  const figures = await inTurn(keys.length, {
    get: () => {
      for (const key of keys) keep(dict.get(key));
    },
    set: () => {
      for (const key of keys) keep(dict.set(key, value));
    },
  });
  removeAll();
  return { get: figures.of('get'), set: figures.of('set') };
}

/** Returns the times of a mix with this many reads per write. */
function timesOf(gauged, calls, reads) {
  const { held, heldAfterAnother } = gauged.writes.find(({ name }) => name === 'set 32 B');
  return {
    // A write always does some work outside of its lock.
    think: Math.max(calls.set - held, gauged.hash) + reads * calls.get,
    held,
    heldAfterAnother: Math.max(held, heldAfterAnother),
    transfer: gauged.transfer,
    wakeCaller: gauged.wake.caller,
    wakeSleeper: gauged.wake.sleeper,
  };
}

/** Returns `{ workload: [{ shards, cores, rate, waiting }] }`. */
function curves(gauged, calls) {
  const workloads = {
    'writes alone, equally frequent keys': [uniform, 0],
    'writes alone, keys by Zipf': [skewed, 0],
    '90 % reads, keys by Zipf': [skewed, 9],
  };
  const simulated = ([picks, reads], cores, shards) => {
    const times = timesOf(gauged, calls, reads);
    return { shards, cores, ...simulate({ cores, shards, times, pick: picks(shards) }) };
  };
  return Object.fromEntries(
    Object.entries(workloads).map(([title, workload]) => [
      title,
      SHARDS.flatMap((shards) => CORES.map((cores) => simulated(workload, cores, shards))),
    ]),
  );
}

/** Returns the smallest number of shards that is enough, for each number of cores. */
function needed(gauged, calls) {
  const times = timesOf(gauged, calls, 0);
  return CORES.map((cores) => {
    const rateWith = (shards) => simulate({ cores, shards, times, pick: uniform(shards) }).rate;
    const best = rateWith(UNLIMITED);
    let shards = 1;
    while (rateWith(shards) < GOOD_ENOUGH * best) shards *= 2;
    return { cores, shards };
  });
}

/** Compares the model with this machine where that is possible: two threads that write as fast as the engine can. */
function validate(gauged) {
  const times = { ...timesOf(gauged, { get: 0, set: 0 }, 0), think: gauged.hash };
  return gauged.races.map(({ name, shards, one, two }) => ({
    name,
    shards,
    measured: two / one,
    computed: simulate({ cores: 2, shards, times, pick: uniform(shards) }).rate / simulate({ cores: 1, shards, times, pick: uniform(shards) }).rate,
  }));
}

function out(text) {
  process.stdout.write(`${text}\n`);
}

function print({ gauged, calls, workloads, validation, enough }) {
  out('\nmeasured, ns');
  for (const { name, held, heldAfterAnother } of gauged.writes) {
    out(`  ${name.padEnd(12)} lock held ${digits(held).padStart(6)}, ${digits(heldAfterAnother).padStart(6)} after another core`);
  }
  out(`  handing a line over ${digits(gauged.transfer)}, waking ${digits(gauged.wake.caller)} and ${digits(gauged.wake.sleeper)} until it runs`);
  out(`  from JavaScript: get ${digits(calls.get)}, set ${digits(calls.set)}`);
  out('\nthe model against this machine: two threads, against one');
  for (const { name, shards, measured, computed } of validation) {
    out(`  ${name} (${shards} shards): measured ${digits(measured)}, computed ${digits(computed)}`);
  }
  for (const [title, points] of Object.entries(workloads)) {
    out(`\n${title}: computed, million writes a second`);
    out(`  shards ${CORES.map((cores) => `${cores} cores`.padStart(10)).join('')}`);
    for (const shards of SHARDS) {
      const row = points.filter((point) => point.shards === shards);
      out(`  ${String(shards).padEnd(6)} ${row.map(({ rate }) => digits(rate / 1e6).padStart(10)).join('')}`);
    }
  }
  out(`\nshards that are enough (${100 * GOOD_ENOUGH} % of what any number reaches; writes only, all keys equally frequent)`);
  out(`  ${enough.map(({ cores, shards }) => `${cores} cores: ${shards}`).join(', ')}`);
  out(`the engine's: ${gauged.shards.map(({ mib, shards }) => `${mib} MiB: ${shards}`).join(', ')}`);
}

async function main() {
  const machine = machineOf();
  process.stdout.write(`${machine.summary}\n`);
  const gauged = JSON.parse(execFileSync(await buildGauge(), ['hold'], { encoding: 'utf8' }));
  const calls = await callTimes();
  const results = {
    machine: { ...machine, loadAfter: machineOf().load },
    gauged,
    calls,
    validation: validate(gauged),
    workloads: curves(gauged, calls),
    enough: needed(gauged, calls),
  };
  print(results);
  fs.mkdirSync('build', { recursive: true });
  fs.writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
  if (options.save) save('cores', results);
}

if (options.help) process.stdout.write(HELP);
else await main();
