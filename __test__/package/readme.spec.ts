import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'ava';

const ROOT = path.join(__dirname, '..', '..', '..');

test('README: the example runs and prints what it says', (t) => {
  const readme = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8');
  const example = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  t.true(example.includes("require('shmkit')"));
  // Inside the package, so that its own name resolves.
  const file = path.join(ROOT, 'build', 'readme-example.js');
  fs.writeFileSync(file, example);
  t.teardown(() => fs.rmSync(file));
  t.is(execFileSync(process.execPath, [file], { encoding: 'utf8' }).trim(), '3 3');
});
