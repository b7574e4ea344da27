// Breaks a copy of the package in one way after another, and lets real processes record histories with it. The history
// checker must reject each broken copy, and accept the unbroken one; where a broken recovery shows in no history, the engine's
// own deaths at every store must. The package itself contains none of this. The last line counts the violations.
//   node scripts/mutants/main.mjs [--seed N] [--only TEXT]
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { ensurePackage, ensureSpecs } from '../setup/build.mjs';
import { explaining, say, SetupError } from '../setup/process.mjs';
import { Copy } from './copy.mjs';
import { deathControl, deathMutants, DEATHS } from './deaths.mjs';
import { flowControl, flowMutants } from './flows.mjs';
import { control, mutants } from './list.mjs';

const HELP = `npm run mutants -- [--seed N] [--only TEXT]

  --seed  repeats the random choices of a run
  --only  only the mutants and controls whose descriptions or profiles contain this text

Builds the addon once for each mutant, in target/mutants.`;

/** Histories until a mutant counts as undetected, and histories of the control that must all be linearizable. */
const ROUNDS = 40;
const CONTROL_ROUNDS = 5;

const { values } = parseArgs({
  options: { seed: { type: 'string', default: String(randomInt(2 ** 31)) }, only: { type: 'string', default: '' }, help: { type: 'boolean' } },
});

/** Records histories with the copy and returns the verdict of the program `hunt`. */
function hunt(copy, profile, rounds, kills = 0) {
  const { seed } = values;
  const args = ['build/test/history/hunt.js', '--profile', profile, '--rounds', rounds, '--kills', kills, '--seed', seed];
  const { stdout, status } = spawnSync(process.execPath, args.map(String), {
    cwd: copy.root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.stderr.write('\n');
  if (status !== 0) throw new SetupError(`the histories could not be recorded:\n${stdout}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** Returns whether the histories exposed the mutant. */
function isFoundOut(copy, { what, profile, kills, edits }) {
  copy.breakBy(edits);
  const { found, round, calls, problem } = hunt(copy, profile, ROUNDS, kills);
  say(`${found ? 'detected' : 'WRONG: not detected'}: ${what}: ${round} histories, ${calls} calls`);
  if (found) say(problem.split('\n').slice(-4).join('\n'));
  return found;
}

/** Returns whether every history was linearizable. */
function holds(copy, { what, profiles, kills, edits }) {
  copy.breakBy(edits);
  const results = profiles.map((profile) => hunt(copy, profile, CONTROL_ROUNDS, kills));
  for (const { found, round, calls, problem } of results) {
    say(`${found ? 'WRONG' : 'holds'}: ${what}: ${round} histories, ${calls} calls`);
    if (found) say(problem);
  }
  return results.every(({ found }) => !found);
}

/** Returns whether the engine's own test of deaths fails for a broken copy, or holds for the unbroken one. */
function isJudgedRightly(copy, { what, edits }) {
  const { status, output } = copy.testBrokenBy(edits, DEATHS);
  const [counted, isRun] = [/^test result: .*$/m.exec(output)?.[0], /^running 1 test$/m.test(output)];
  if (!counted || !isRun) throw new SetupError(`the test of deaths could not be run:\n${output}`);
  const [found, isBroken] = [status !== 0, edits.length > 0];
  const verdict = { true: found ? 'detected' : 'WRONG: not detected', false: found ? 'WRONG' : 'holds' }[isBroken];
  say(`${verdict}: ${what}: ${counted}`);
  if (found) say(/^.* panicked at .*\n.*$/m.exec(output)?.[0] ?? '');
  return found === isBroken;
}

function main() {
  if (values.help) {
    console.log(HELP);
    return;
  }
  ensurePackage();
  ensureSpecs();
  say(`seed ${values.seed}`);
  const copy = new Copy();
  const isChosen = ({ what, profile = '', profiles = [] }) => [what, profile, ...profiles].some((text) => text.includes(values.only));
  const controls = [control, flowControl].filter(isChosen);
  const chosen = [...mutants, ...flowMutants].filter(isChosen);
  const deaths = [deathControl, ...deathMutants].filter(isChosen);
  if (controls.length + chosen.length + deaths.length === 0) throw new SetupError(HELP);
  const outcomes = [
    ...deaths.map((each) => isJudgedRightly(copy, each)),
    ...controls.map((each) => holds(copy, each)),
    ...chosen.map((mutant) => isFoundOut(copy, mutant)),
  ];
  const wrong = outcomes.filter((good) => !good).length;
  const count = chosen.length + deaths.filter(({ edits }) => edits.length > 0).length;
  say(`mutants: ${count}, controls: ${outcomes.length - count}, ${wrong} violations`);
  if (wrong > 0) process.exitCode = 1;
}

explaining(main);
