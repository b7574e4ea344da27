// Lets every version of Node.js read what every other one wrote. Exit code 1 if a value comes out as another one, or with
// any error but ERR_SHM_UNSUPPORTED.
//   npm run test:exchange [-- <path of a Node.js program>...]
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ensurePackage } from '../../scripts/setup/build.mjs';
import { explaining, ROOT } from '../../scripts/setup/process.mjs';
import { ensureTools, runtimes } from './runtimes.mjs';

const PROGRAM = path.join(ROOT, '__test__/install/consumer/exchange.cjs');

/** Returns the Node.js programs to try, with their versions. */
function programs() {
  const given = process.argv.slice(2);
  if (given.length === 0) ensureTools();
  const commands = given.length > 0 ? given : runtimes().filter(({ name }) => name.startsWith('Node')).map(({ command }) => command);
  return commands.map((command) => ({ command, version: execFileSync(command, ['--version'], { encoding: 'utf8' }).trim() }));
}

function exchange(dict, writer, reader) {
  dict.clear();
  execFileSync(writer.command, [PROGRAM, 'write', ROOT, dict.name]);
  const { outcomes, iterated } = JSON.parse(execFileSync(reader.command, [PROGRAM, 'read', ROOT, dict.name], { encoding: 'utf8' }));
  const entries = Object.entries(outcomes);
  const unsupported = entries.filter(([, outcome]) => outcome === 'ERR_SHM_UNSUPPORTED').map(([key]) => key);
  const wrong = entries.filter(([, outcome]) => !['same', 'absent', 'ERR_SHM_UNSUPPORTED'].includes(outcome)).map(([key, outcome]) => `${key}: ${outcome}`);
  const same = entries.filter(([, outcome]) => outcome === 'same').length;
  if (iterated !== same) wrong.push(`iterated over ${iterated} of ${same} readable entries`);
  if (writer.version === reader.version && unsupported.length > 0) wrong.push(`cannot read its own ${unsupported.join(', ')}`);
  const notes = [...wrong, ...(unsupported.length > 0 ? [`unsupported: ${unsupported.join(', ')}`] : [])];
  process.stdout.write(`${wrong.length > 0 ? 'NOT' : '   '} ${writer.version} to ${reader.version}: ${same} the same${notes.map((note) => `; ${note}`).join('')}\n`);
  return wrong.length;
}

function main() {
  ensurePackage();
  const { SharedDict } = createRequire(path.join(ROOT, 'package.json'))('./index.js');
  const dict = SharedDict.create(`exchange-test-${process.pid}`, '4mb');
  try {
    const all = programs();
    let wrong = 0;
    for (const writer of all) for (const reader of all) wrong += exchange(dict, writer, reader);
    process.exitCode = wrong > 0 ? 1 : 0;
  } finally {
    dict.close();
  }
}

await explaining(main);
