// Runtimes that make no buffers of memory from outside, or not of all of it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { startChild } from '../support/child';
import { makeDir } from '../support/dict';
import { noExternalBuffers } from '../support/no-external-buffers';

const ROOT = path.join(__dirname, '..', '..', '..');

for (const way of ['refused', 'failed', 'finalized']) {
  test(`everything but views works, and memory is unmapped, when a buffer of it is ${way}`, async (t) => {
    const dir = makeDir(t);
    const file = path.join(dir, 'file');
    fs.writeFileSync(file, 'hello');
    const env = { ...process.env, LD_AUDIT: noExternalBuffers(t), SHMKIT_TEST_BUFFERS: way };
    const child = startChild(t, 'views', [dir, file], { env });
    t.deepEqual(await child.next(), {
      values: ['value', 'value', true],
      views: ['ERR_SHM_NO_VIEW', 'ERR_SHM_NO_VIEW'],
      bytes: ['hello', 'hello'],
      mapped: 0,
    });
  });
}

// On a disk, where reserving space takes no memory. Node 18 and 20 make no buffer of more than 4 GiB.
test('a dictionary of more than 4 GiB can be read', (t) => {
  fs.mkdirSync(path.join(ROOT, 'build'), { recursive: true });
  const dir = fs.mkdtempSync(path.join(ROOT, 'build', 'large-'));
  t.teardown(() => fs.rmSync(dir, { recursive: true, force: true }));
  const code = `
    const dict = require('.').SharedDict.create('large', { size: '4200mb', dir: process.argv[1] });
    dict.set('key', 'value');
    for (let read = 0; read < 3; read += 1) console.log(dict.get('key'));
    setImmediate(() => console.log(dict.get('key')));`;
  const { stdout, stderr, signal } = spawnSync(process.execPath, ['--eval', code, dir], { cwd: ROOT, encoding: 'utf8' });
  t.is(signal, null, stderr);
  t.is(stdout, 'value\n'.repeat(4), stderr);
});
