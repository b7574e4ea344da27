// Checks what built addons require of the systems they are to run on.
//   node scripts/binary/main.mjs [file.node ...]    without files: all addons in npm/, or else the one of this checkout
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../setup/process.mjs';
import { inspect } from './inspect.mjs';

function addonsOf(folder) {
  return fs.readdirSync(folder).filter((name) => name.endsWith('.node')).map((name) => path.join(folder, name));
}

function main() {
  let files = process.argv.slice(2);
  if (files.length === 0) files = fs.readdirSync(path.join(ROOT, 'npm')).flatMap((name) => addonsOf(path.join(ROOT, 'npm', name)));
  if (files.length === 0) files = addonsOf(ROOT);
  if (files.length === 0) {
    process.stdout.write('no addon to check: build one with `npm run build:portable`\n');
    process.exitCode = 1;
  }
  for (const file of files) {
    const { facts, problems } = inspect(file);
    process.stdout.write(`${path.basename(file)}: ${facts.join(', ')}\n`);
    for (const problem of problems) process.stdout.write(`  ${problem}\n`);
    if (problems.length > 0) process.exitCode = 1;
  }
}

main();
