// Breaks a copy of the tier in one place after another, and records histories of two hosts with it: npm run mutants:valkey
// [-- TEXT]. The checker must reject each broken copy, and accept the unbroken one. The last line counts the violations.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { applied } from '../../scripts/mutants/edits.mjs';
import { bundle } from '../../scripts/setup/build.mjs';
import { explaining, ROOT, say } from '../../scripts/setup/process.mjs';
import { ensureServer } from './set-up.mjs';

const HOME = path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target'), 'mutants-valkey');
const PARTS = ['package.json', 'index.js', 'src', 'types', 'tsconfig.base.json', 'scripts/setup', '__test__/valkey'];
const TIER = 'src/valkey/tiered-dict.ts';
const AGENT = 'src/valkey/valkey-agent.ts';
/** Histories until a mutant counts as undetected. */
const ROUNDS = 6;
/** What the checker of histories says. */
const FOUND = /read \d+ (?:on a host that had written|more than)/;
const WRITE = `    try {
      return await work();
    } finally {
      this.#parts.tier.deleteMany(keys);
    }`;
const RARE = { SHMKIT_VALKEY_KEYS: '100', SHMKIT_VALKEY_WRITES: '0.03', SHMKIT_VALKEY_SILENCE: '3000', SHMKIT_VALKEY_BETWEEN: '2500', SHMKIT_VALKEY_SECONDS: '20' };

const mutants = [
  {
    what: 'a write stores its value in the tier: server first, then the tier',
    kind: 'lost connections',
    edits: [{ file: TIER, from: WRITE, to: "const result = await work();\n    if (typeof result === 'number') this.#parts.tier.set(keys[0] as string, result);\n    return result;" }],
  },
  { what: 'a write does not remove the key again after the reply', kind: 'lost connections', edits: [{ file: TIER, from: WRITE, to: 'return await work();' }] },
  {
    what: 'a fetched value is stored though its mark is gone',
    kind: 'lost connections',
    edits: [{ file: 'src/valkey/tier-fetch.ts', from: 'this.#tier.set(key, stored, { ifVersion: version, ...', to: 'this.#tier.set(key, stored, { ...' }],
  },
  {
    what: 'the tier is emptied before tracking is confirmed',
    kind: 'lost connections',
    env: RARE,
    edits: [
      { file: AGENT, from: '      tracking = await Tracking.start(', to: '      this.#clear();\n      await this.#pause(500);\n      tracking = await Tracking.start(' },
      { file: AGENT, from: '      this.#clear();\n      this.#control.failure', to: '      this.#control.failure' },
    ],
  },
  {
    what: 'a beat without an answer on the tracking connection',
    kind: 'silence',
    env: RARE,
    edits: [{ file: 'src/valkey/tracking.ts', from: "await Promise.all(this.#connections.map((connection) => connection.ask(['PING'])));", to: 'await undefined;' }],
  },
];
const controls = [
  { what: 'nothing is broken', kind: 'lost connections', edits: [] },
  { what: 'nothing is broken, and writes are rare', kind: 'silence', env: RARE, edits: [] },
];

/** Makes a copy of the package with these edits, beside the dependencies of this one. */
function breakCopy(edits) {
  fs.rmSync(HOME, { recursive: true, force: true });
  for (const part of [...PARTS, ...fs.readdirSync(ROOT).filter((name) => name.endsWith('.node'))]) fs.cpSync(path.join(ROOT, part), path.join(HOME, part), { recursive: true });
  for (const [file, text] of applied(edits, (name) => fs.readFileSync(path.join(HOME, name), 'utf8'))) fs.writeFileSync(path.join(HOME, file), text);
  bundle(HOME);
}

/** Records one history, and returns what is wrong with it; null for nothing. */
function problemIn(server, { kind, env = {} }) {
  const args = ['--expose-gc', '--test', `--test-name-pattern=under ${kind}$`, path.join(HOME, '__test__/valkey/suites/tier-history.test.mjs')];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: HOME, encoding: 'utf8', env: { ...process.env, ...env, SHMKIT_VALKEY_SERVER: server } });
  const found = FOUND.exec(stdout)?.[0];
  if (status !== 0 && found === undefined) throw new Error(`the history could not be recorded:\n${stdout}`);
  return found === undefined ? null : stdout.slice(stdout.indexOf(found)).split('\n')[0];
}

function outcomeOf(server, mutant, mustFail) {
  breakCopy(mutant.edits);
  let problem = null;
  let round = 0;
  while (problem === null && round < (mustFail ? ROUNDS : 1)) {
    problem = problemIn(server, mutant);
    round += 1;
  }
  const isGood = (problem !== null) === mustFail;
  say(`${isGood ? '' : 'WRONG: '}${problem === null ? 'holds' : 'detected'}: ${mutant.what}: ${round} histories${problem === null ? '' : `: ${problem}`}`);
  return isGood;
}

function main() {
  const server = ensureServer();
  if (server === null) return;
  const [text = ''] = process.argv.slice(2);
  const isChosen = ({ what }) => what.includes(text);
  const outcomes = [...controls.filter(isChosen).map((each) => outcomeOf(server, each, false)), ...mutants.filter(isChosen).map((each) => outcomeOf(server, each, true))];
  const wrong = outcomes.filter((isGood) => !isGood).length;
  say(`mutants of the tier: ${outcomes.length} with controls, ${wrong} violations`);
  if (wrong > 0) process.exitCode = 1;
}

await explaining(main);
