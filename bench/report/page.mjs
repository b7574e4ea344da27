// Writes docs/benchmarks/README.md from saved results.
import { digits, goalOf, hasGoal, isReached } from '../rows.mjs';
import { compareTable, figuresOf, goalsTable, lossesOf, machineLine, table } from './tables.mjs';

const HEAD = `# Benchmarks

This page is written by \`npm run bench -- --save\`, \`npm run bench:compare -- --save\` and
\`npm run bench:cores -- --save\`. The figures are in the JSON files next to it. What they mean for the engine is in
[performance](../performance.md).

## Method
- Whatever is compared is measured in turn, round after round, in one run: anything that slows the machine for a while slows
  all of it alike. A time is the median over the rounds, a ratio the median of the ratios of each round.
- Each section, and each peer, runs in processes of its own. Loops are written out, so that V8 compiles each separately;
  their own cost is about a nanosecond.
- The floor of a call is a native function that reads every argument, strings as UTF-16 into a buffer on the stack, and
  creates the same kind of result without touching shared memory: [bench/floor](../../bench/floor/src/lib.rs). For 64 KiB
  it has as many different buffers as the dictionary, so that both lie in the same caches.
- Keys have 16 characters. Most tables have 10,000 keys, so that the CPU's caches play the part they play in programs.
  Growth is measured with keys chosen at random among all.`;

/** Returns the page. The results of `bench`, `compare` and `cores` may each be missing. */
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
  const quick = bench.quick ? '\n\n**From a quick run: the figures are rough.**' : '';
  const files = ['scale', 'growth-memory', 'growth-set', 'eviction'];
  const images = files.map((name) => image(`${name}.svg`, name)).filter(Boolean).join('\n\n');
  const elsewhere = bench.sections.filter(({ machine }) => machine).map((section) => `\n\nSection ${section.name}: ${machineLine(section)}`);
  return `## Goals\n${machineLine(bench)}${quick}${elsewhere.join('')}\n\n${goalsTable(bench)}\n\n${images}`;
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
    '- Within one process, without sharing, a `Map` or an LRU library is faster: see the columns `map` and `lru-cache`.',
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
after another core has written there; transferring a cache line (${digits(gauged.transfer)}); waking a sleeper
(${digits(gauged.wake.caller)} for the waker, ${digits(gauged.wake.sleeper)} until the sleeper runs); a call from JavaScript
(get ${digits(calls.get)}, set ${digits(calls.set)}).

${table(['the lock is held by', 'ns', 'ns after another core'], held)}

**Computed** from that, by an event-by-event simulation of the lock (bench/cores/simulate.mjs): the throughput of 1 to 128
cores that do nothing but call the dictionary. The simulation uses the times of this machine for a larger one, whose cores
are further apart, and ignores memory bandwidth. This machine can check it with two threads that use the engine without
JavaScript; throughput relative to one thread:

${table(['shards', 'measured', 'computed'], model)}

${Object.keys(workloads).map((title, number) => image(`cores-${number + 1}.svg`, title)).join('\n\n')}

The number of shards with which writers alone, on equally frequent keys, reach 95 % of the throughput that any number of
shards would give; and the numbers that the engine chooses by the size of the segment:

${table(['cores', 'shards that are enough'], enough.map(({ cores, shards }) => [cores, shards]))}

${table(['segment', 'shards of the engine'], gauged.shards.map(({ mib, shards }) => [`${mib} MiB`, shards]))}`;
}
