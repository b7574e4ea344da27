// The guard: fails if an operation of the engine takes more instructions than are on record.
//   npm run guard                compares
//   npm run guard -- --update    records the present counts
//   npm run guard -- --profile "set 32 B"    prints the functions that take most of one operation
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { explaining, ROOT, say, SetupError } from '../setup/process.mjs';
import { buildGauge, countAll, profileOf, setting, valgrindVersion } from './counts.mjs';

const RECORD = 'scripts/guard/instructions.json';
const TOLERANCE = 0.05;
/** Lines of a profile that are printed. */
const LINES = 20;
const MISSING = 'valgrind was not found; instructions are counted with it (apt-get install valgrind)';

/** Returns one line per operation that takes more instructions; prints a warning if nothing could be compared. */
export async function problemsInCounts() {
  const record = JSON.parse(fs.readFileSync(path.join(ROOT, RECORD), 'utf8'));
  if (valgrindVersion() === null) return notRun(MISSING);
  if (record.setting !== setting()) return notRun(`${RECORD} is of ${record.setting}, and this is ${setting()}`);
  let counts;
  try {
    counts = await countAll(await buildGauge());
  } catch (error) {
    if (error instanceof SetupError) return [error.message];
    throw error;
  }
  const problems = [];
  for (const name of new Set([...Object.keys(counts), ...Object.keys(record.instructions)])) {
    const [now, before] = [counts[name], record.instructions[name]];
    process.stdout.write(`${name.padEnd(16)} ${String(now).padStart(6)} instructions, on record ${before}\n`);
    problems.push(...compare(name, now, before));
  }
  if (problems.length > 0) problems.push(`if this is intended, record the new counts in ${RECORD} with \`npm run guard -- --update\``);
  return problems;
}

function compare(name, now, before) {
  if (!now || !before) return [`${name}: ${RECORD} does not list the same operations`];
  const change = now / before - 1;
  if (change > TOLERANCE) return [`${name}: ${now} instructions, ${percent(change)} more than on record`];
  if (change < -TOLERANCE) say(`${name} takes ${percent(-change)} fewer than on record; \`npm run guard -- --update\` records the gain`);
  return [];
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

function notRun(reason) {
  process.stdout.write(`INSTRUCTIONS WERE NOT COMPARED: ${reason}\n`);
  return [];
}

async function update() {
  if (valgrindVersion() === null) throw new SetupError(MISSING);
  const record = { setting: setting(), instructions: await countAll(await buildGauge()) };
  fs.writeFileSync(path.join(ROOT, RECORD), `${JSON.stringify(record, null, 2)}\n`);
  say(`wrote ${RECORD}`);
}

async function showProfile(operation) {
  if (valgrindVersion() === null) throw new SetupError(MISSING);
  const functions = await profileOf(await buildGauge(), operation);
  for (const { name, share } of functions.slice(0, LINES)) process.stdout.write(`${share.toFixed(1).padStart(5)} %  ${name}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: { update: { type: 'boolean' }, profile: { type: 'string' } } });
  explaining(async () => {
    if (values.update) return update();
    if (values.profile) return showProfile(values.profile);
    const problems = await problemsInCounts();
    for (const problem of problems) process.stdout.write(`${problem}\n`);
    process.exitCode = problems.length > 0 ? 1 : 0;
  });
}
