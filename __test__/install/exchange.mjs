// Lets every version of Node.js, Bun, Deno and Electron read what every other one wrote. Exit code 1 if a value comes out as
// another one or with any error but ERR_SHM_UNSUPPORTED, if plain data does not come out, or if any but Bun cannot store a value.
//   npm run test:exchange [-- <path of a Node.js program>...]    Electron: ELECTRON_PATH, or an installed package `electron`
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ensurePackage } from '../../scripts/setup/build.mjs';
import { explaining, ROOT, say } from '../../scripts/setup/process.mjs';
import { findElectron } from '../electron/runtime.mjs';
import { ensureTools, runtimes } from './runtimes.mjs';

const PROGRAM = path.join(ROOT, '__test__/install/consumer/exchange.cjs');

const { everywhere } = createRequire(import.meta.url)('./consumer/values.cjs');

/** Returns the runtimes to try, with their versions. */
function participants() {
  const given = process.argv.slice(2);
  if (given.length === 0) ensureTools();
  const all = given.length > 0 ? given.map((command) => ({ name: 'Node', command, flags: [] })) : [...runtimes(), ...electrons()];
  return all.map((runtime) => ({ ...runtime, title: `${runtime.name.split(' ')[0]} ${versionOf(runtime)}` }));
}

/** Electron as plain Node.js, if it is there. */
function electrons() {
  const command = findElectron();
  if (command !== undefined) return [{ name: 'Electron', command, flags: [] }];
  say('NOT RUN: Electron, which was not found: set ELECTRON_PATH to its binary, or install the package `electron`');
  return [];
}

function versionOf({ command }) {
  return /\d+\.\d+\.\d+/.exec(outputOf(command, ['--version']))?.[0] ?? 'of no version';
}

function outputOf(command, args) {
  return execFileSync(command, args, { encoding: 'utf8', env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } });
}

function exchange(dict, writer, reader) {
  dict.clear();
  const refused = JSON.parse(outputOf(writer.command, [...writer.flags, PROGRAM, 'write', ROOT, dict.name]));
  const { outcomes, iterated } = JSON.parse(outputOf(reader.command, [...reader.flags, PROGRAM, 'read', ROOT, dict.name]));
  const [same, wrong, unsupported] = judged(outcomes);
  if (iterated !== same) wrong.push(`iterated over ${iterated} of ${same} readable entries`);
  if (writer.name !== 'Bun' && refused.length > 0) wrong.push(`cannot store ${refused.join(', ')}`);
  if (writer === reader && unsupported.length > 0) wrong.push(`cannot read its own ${unsupported.join(', ')}`);
  const notes = [...wrong, ...(unsupported.length > 0 ? [`unsupported: ${unsupported.join(', ')}`] : [])];
  process.stdout.write(`${wrong.length > 0 ? 'NOT' : '   '} ${writer.title} to ${reader.title}: ${same} the same${notes.map((note) => `; ${note}`).join('')}\n`);
  return wrong.length;
}

/** Returns how many values came out the same, what went wrong, and the values that the reader cannot read. */
function judged(outcomes) {
  const entries = Object.entries(outcomes);
  const keysOf = (outcome) => entries.filter(([, found]) => found === outcome).map(([key]) => key);
  const [same, unsupported] = [keysOf('same'), keysOf('ERR_SHM_UNSUPPORTED')];
  const allowed = new Set(['same', 'absent', 'ERR_SHM_UNSUPPORTED']);
  const wrong = entries.filter(([, outcome]) => !allowed.has(outcome)).map(([key, outcome]) => `${key}: ${outcome}`);
  const lacking = everywhere.filter((key) => !same.includes(key)).map((key) => `plain data that did not come out: ${key}`);
  return [same.length, [...wrong, ...lacking], unsupported];
}

function main() {
  ensurePackage();
  const { SharedDict } = createRequire(path.join(ROOT, 'package.json'))('./index.js');
  const dict = SharedDict.create(`exchange-test-${process.pid}`, '4mb');
  try {
    const all = participants();
    let wrong = 0;
    for (const writer of all) for (const reader of all) wrong += exchange(dict, writer, reader);
    process.exitCode = wrong > 0 ? 1 : 0;
  } finally {
    dict.close();
  }
}

await explaining(main);
