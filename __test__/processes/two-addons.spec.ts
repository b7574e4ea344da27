import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { SharedDict, ShmError } from 'shmkit';
import { makeDict } from '../support/dict';

const ROOT = path.join(__dirname, '..', '..', '..');

/** Loads another copy of the whole package, as a second version in the dependency tree would be. */
function secondCopy(t: ExecutionContext): typeof import('shmkit') {
  const copy = fs.mkdtempSync(path.join(ROOT, 'build', 'second-copy-'));
  t.teardown(() => fs.rmSync(copy, { recursive: true }));
  const addon = fs.readdirSync(ROOT).find((name) => name.endsWith('.node')) as string;
  for (const name of ['index.js', 'package.json', 'dist', addon]) {
    fs.cpSync(path.join(ROOT, name), path.join(copy, name), { recursive: true });
  }
  return createRequire(__filename)(path.join(copy, 'index.js')) as typeof import('shmkit');
}

test('addon: two copies of the package in one process share a dictionary safely', (t) => {
  const second = secondCopy(t);
  t.not(second.SharedDict, SharedDict);
  const dict = makeDict(t);
  const other = second.SharedDict.open(dict.name);
  t.teardown(() => other.close());
  for (let count = 1; count <= 2000; count += 1) {
    if (dict.incr('n', 1, { init: 0 }) !== 2 * count - 1 || other.incr('n') !== 2 * count) t.fail(`${count}`);
  }
  other.set('v', { from: 'the second' });
  t.deepEqual(dict.get('v'), { from: 'the second' });
  const error = t.throws(() => other.rpush('v', 1));
  t.is((error as ShmError).code, 'ERR_SHM_WRONG_TYPE');
  other.close();
  t.true(dict.set('after', 1));
  t.true(dict.verify().ok);
});
