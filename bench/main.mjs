// `npm run bench`: measures what calls cost relative to a Map and to the cheapest possible native call, and checks goals.
import { fork } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { machineOf } from './machine.mjs';
import { save, saveSections } from './report/save.mjs';
import { hasGoal, isReached, lineOf } from './rows.mjs';

const RESULTS = 'build/bench.json';
const SECTION = fileURLToPath(new URL('section.mjs', import.meta.url));
const SECTIONS = ['cached', 'reads', 'writes', 'buffers', 'many', 'processes', 'opening', 'memory', 'listing', 'churn', 'scale', 'growth', 'eviction', 'tails', 'segments', 'waits', 'maps', 'rings', 'wiping', 'objects', 'events', 'channels', 'queues'];
const HELP = `npm run bench -- [options]

  --only a,b    only these sections: ${SECTIONS.join(', ')}
  --large       lets dictionaries grow to 10,000,000 entries, and not to 1,000,000
  --quick       fewer rounds and smaller tables: minutes become seconds, figures become rough
  --save        writes the results and charts into docs/benchmarks/; with --only, those of the other sections stay
  --help        prints this

Everything is measured in turn and reported as medians. The results are also written to ${RESULTS}.
`;

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, quick: { type: 'boolean' }, large: { type: 'boolean' }, save: { type: 'boolean' }, help: { type: 'boolean' } },
});

function chosen() {
  const names = options.only?.split(',') ?? SECTIONS;
  const unknown = names.filter((name) => !SECTIONS.includes(name));
  if (unknown.length > 0) throw new Error(`there is no section ${unknown.join(', ')}: ${SECTIONS.join(', ')}`);
  return names;
}

/** Runs one section and returns its title and rows. */
function runSection(name) {
  const child = fork(SECTION, [name, JSON.stringify({ quick: options.quick, large: options.large })], {
    execArgv: ['--expose-gc', '--max-old-space-size=8192'],
  });
  return new Promise((resolve, reject) => {
    let result;
    child.on('message', (message) => {
      result = message;
    });
    child.on('exit', (code, signal) => {
      if (result && code === 0) resolve({ name, ...result });
      else reject(new Error(`section ${name} failed (${signal ?? `exit code ${code}`})`));
    });
  });
}

// Shows a line that is overwritten later; only on a terminal.
function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}

async function main() {
  const machine = machineOf();
  process.stdout.write(`${machine.summary}\n`);
  process.stdout.write('Medians of functions measured in turn; ratios are medians of the ratios of each round\n');
  const sections = [];
  const names = chosen();
  for (const [number, name] of names.entries()) {
    progress(`[${number + 1}/${names.length}] ${name} ...`);
    const section = await runSection(name);
    progress('');
    sections.push(section);
    process.stdout.write(`\n${name}: ${section.title}\n${section.rows.map(lineOf).join('\n')}\n`);
  }
  const goals = sections.flatMap((section) => section.rows).filter(hasGoal);
  process.stdout.write(`\n${goals.filter(isReached).length} of ${goals.length} goals reached; raw figures in ${RESULTS}\n`);
  const results = { machine: { ...machine, loadAfter: machineOf().load }, quick: options.quick ?? false, sections };
  fs.mkdirSync('build', { recursive: true });
  fs.writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
  if (options.save) (options.only ? saveSections : save)('bench', results);
}

if (options.help) process.stdout.write(HELP);
else await main();
