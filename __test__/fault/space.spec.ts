import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import test from 'ava';
import { SharedDict } from 'shmkit';
import { fixture } from '../support/child';
import { makeDict, makeDir, testName } from '../support/dict';
import { throwsShm } from '../support/throws';

const SHM = fs.statfsSync('/dev/shm');

test('create throws ERR_SHM_NO_SPACE with the numbers, and leaves no file', (t) => {
  const dir = makeDir(t);
  const free = SHM.bavail * SHM.bsize;
  const size = Math.ceil((SHM.blocks * SHM.bsize * 2) / 65_536) * 65_536;
  const error = throwsShm(t, () => SharedDict.create('huge', { size, dir }), 'ERR_SHM_NO_SPACE');
  t.true(error.message.includes(String(size)), error.message);
  t.true(error.message.includes(dir), error.message);
  const numbers = (error.message.match(/\d+/g) ?? []).map(Number);
  t.true(
    numbers.some((number) => number > 0 && number < size && number <= free * 2),
    error.message,
  );
  t.deepEqual(fs.readdirSync(dir), []);
  throwsShm(t, () => SharedDict.openOrCreate('huge', { size, dir }), 'ERR_SHM_NO_SPACE');
  t.deepEqual(fs.readdirSync(dir), []);
});

test('create reserves all memory of a dictionary', (t) => {
  const dict = makeDict(t, { size: '8mb' });
  const stat = fs.statSync(dict.path);
  t.true(stat.blocks * 512 >= 8 * 2 ** 20, 'no other program can use it up later');
});

/** Runs the fixture `create` under a limit of the shell; returns its output and how it ended. */
function createUnder(limit: string, ...args: string[]) {
  const script = `${limit}; exec "$0" "$@"`;
  return spawnSync('bash', ['-c', script, process.execPath, fixture('create'), ...args], { encoding: 'utf8' });
}

test('create throws ERR_SHM_NO_SPACE when a limit on the size of files is hit', (t) => {
  const dir = makeDir(t);
  const { stdout, status, signal } = createUnder('ulimit -f 256', testName(t), '4mb', dir);
  t.is(signal, null);
  t.is(status, 0);
  t.regex(stdout, /^ERR_SHM_NO_SPACE$/m);
  t.deepEqual(fs.readdirSync(dir), []);
});

test('create throws EMFILE when the process has no file descriptor left, and works later', (t) => {
  const dir = makeDir(t);
  const { stdout, status } = createUnder('ulimit -n 40', testName(t), '64kb', dir, 'use-up-descriptors');
  t.is(status, 0);
  t.regex(stdout, new RegExp(`^EMFILE -24 open ${dir}$`, 'm'));
  t.regex(stdout, /^then created$/m);
  t.deepEqual(fs.readdirSync(dir), []);
});

test('create throws ENOMEM and leaves no file when the address space is used up', (t) => {
  const dir = makeDir(t);
  const { stdout, status, signal } = createUnder(':', testName(t), '4gb', dir, 'limit-address-space');
  t.is(signal, null);
  t.is(status, 0);
  t.regex(stdout, /^ENOMEM -12 mmap /m);
  t.deepEqual(fs.readdirSync(dir), []);
});
