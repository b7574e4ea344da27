// docs/benchmarks/README.md, from what was saved.
import { digits, goalOf, hasGoal, isReached } from '../rows.mjs';
import { compareTable, figuresOf, goalsTable, lossesOf, machineLine, table } from './tables.mjs';

const HEAD = `# Benchmarks

Written by the commands themselves: \`npm run bench -- --save\`, \`npm run bench:compare -- --save\` and
\`npm run bench:cores -- --save\`. The figures are in the JSON files beside this page. What they mean for the engine is
in [performance](../performance.md).

## Method
- What is compared is measured in turn, round after round, in one run: what slows the machine for a while slows all
  alike. A time is the median of rounds, a ratio the median of the ratios of each round.
- Each section, and each peer, runs in processes of its own. Loops are written out, so that V8 compiles each for itself;
  their own cost is about a nanosecond.
- The floor of a call is a native function that reads every argument, strings as UTF-16 into a buffer on the stack, and
  creates the same kind of result, without touching shared memory: [bench/floor](../../bench/floor/src/lib.rs). Of 64 KiB
  it has as many different ones as the dictionary, so that both lie in the same caches.
- Keys have 16 characters; tables of 10,000 keys are the usual ones, so caches of the CPU play the part they play in
  programs. Growth is measured with keys at random among all.`;

/** The page; `results` has what there is of `bench`, `compare` and `cores`. */
export function pageOf({ bench, compare, cores }, charts) {
  const image = (file, title) => (charts.includes(file) ? `![${title}](${file})` : '');
  const parts = [HEAD];
  if (bench) parts.push(benchPart(bench, image));
  if (compare) parts.push(comparePart(compare, image));
  if (bench || compare) parts.push(`## Where shmkit loses\n${lossesIn(bench, compare).join('\n')}`);
  if (cores) parts.push(coresPart(cores, image));
  if (bench) parts.push(`## Raw figures\n\n${figuresOf(bench)}`);
  return `${parts.join('\n\n')}\n`;
}

function benchPart(bench, image) {
  const quick = bench.quick ? '\n\n**A quick run: rough figures.**' : '';
  const images = [image('growth.svg', 'growth'), image('eviction.svg', 'evictions')].filter(Boolean).join('\n\n');
  return `## Goals\n${machineLine(bench)}${quick}\n\n${goalsTable(bench)}\n\n${images}`;
}

function comparePart(compare, image) {
  const notes = Object.entries(compare.notes).map(([name, note]) => `- ${name}: ${note}`);
  const missing = Object.entries(compare.missing).map(([name, reason]) => `- **left out:** ${name}: ${reason}`);
  const verdicts = compare.verdicts.map((row) => [row.name, goalOf(row), `${digits(row.reached)} x`, isReached(row) ? 'reached' : '**missed**']);
  return `## Peers
${machineLine(compare)}

${compareTable(compare)}

${image('compare.svg', 'the peers')}

${[...notes, ...missing].join('\n')}

${table(['against lmdb in the same run', 'goal', 'reached', ''], verdicts)}`;
}

function lossesIn(bench, compare) {
  const missed = bench?.sections.flatMap(({ rows }) => rows.filter((row) => hasGoal(row) && !isReached(row))) ?? [];
  return [
    '- In one process, without sharing, a `Map` or an LRU library is faster: see the columns `map` and `lru-cache`.',
    ...(compare ? lossesOf(compare) : []),
    ...missed.map((row) => `- ${row.name}: ${digits(row.reached)} ${row.unit}, the goal is ${goalOf(row)}`),
  ];
}

function coresPart({ machine, gauged, calls, validation, enough, workloads }, image) {
  const held = gauged.writes.map(({ name, held: own, heldAfterAnother }) => [name, digits(own), digits(heldAfterAnother)]);
  const model = validation.map(({ name, shards, measured, computed }) => [`${name}: ${shards}`, digits(measured), digits(computed)]);
  return `## Many cores
${machineLine({ machine })}

**Measured** on this machine, in ns: how long a write holds its shard's lock, with the shard's lines in its own cache and
after another core wrote there; handing a cache line over (${digits(gauged.transfer)}); waking a sleeper
(${digits(gauged.wake.caller)} for who wakes, ${digits(gauged.wake.sleeper)} until it runs); a call from JavaScript
(get ${digits(calls.get)}, set ${digits(calls.set)}).

${table(['the lock is held by', 'ns', 'ns after another core'], held)}

**Computed** from that, by a simulation of the lock event by event (bench/cores/simulate.mjs): throughput of 1 to 128
cores that do nothing but call the dictionary. It takes the times of this machine for those of a larger one, whose
cores are further apart, and knows nothing of memory bandwidth. Where it can be held against this machine, with two threads that use the
engine without JavaScript, throughput against one thread:

${table(['shards', 'measured', 'computed'], model)}

${Object.keys(workloads).map((title, number) => image(`cores-${number + 1}.svg`, title)).join('\n\n')}

Shards with which writers alone, on keys that are all wanted alike, reach 95 % of what any number of shards would give,
beside the numbers that the engine chooses by the segment's size:

${table(['cores', 'shards that are enough'], enough.map(({ cores, shards }) => [cores, shards]))}

${table(['segment', 'shards of the engine'], gauged.shards.map(({ mib, shards }) => [`${mib} MiB`, shards]))}`;
}
