import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { SharedDict } from 'shmkit';
import { makeDir, pathFor } from '../support/dict';
import { throwsShm } from '../support/throws';

const options = { size: '64kb' } as const;

for (const [what, make] of [
  ['a symbolic link', (path: string, dir: string) => fs.symlinkSync(`${dir}/elsewhere`, path)],
  ['a link to a real dictionary', linkToDictionary],
  ['a FIFO', (path: string) => execFileSync('mkfifo', [path])],
  ['a directory', (path: string) => fs.mkdirSync(path)],
] as const) {
  test(`${what} under the name is not trusted`, (t) => {
    const dir = makeDir(t);
    const path = pathFor(t, 'name', dir);
    make(path, dir);
    throwsShm(t, () => SharedDict.open('name', { dir }), 'ERR_SHM_UNTRUSTED');
    throwsShm(t, () => SharedDict.open('name', { dir, readOnly: true }), 'ERR_SHM_UNTRUSTED');
    throwsShm(t, () => SharedDict.openOrCreate('name', { ...options, dir }), 'ERR_SHM_UNTRUSTED');
    throwsShm(t, () => SharedDict.create('name', { ...options, dir }), ['ERR_SHM_UNTRUSTED', 'ERR_SHM_EXISTS']);
    t.true(fs.existsSync(path) || fs.lstatSync(path).isSymbolicLink());
    t.deepEqual(SharedDict.prune({ dir }), []);
    t.false(fs.existsSync(`${dir}/elsewhere`));
  });
}

function linkToDictionary(path: string, dir: string): void {
  const target = SharedDict.create('target', { ...options, dir, persist: true });
  fs.symlinkSync(target.path, path);
  target.close();
}

for (const [what, content] of [
  ['text', Buffer.from('hello, this is no dictionary\n'.repeat(5000))],
  ['zeros', Buffer.alloc(65_536)],
  ['random bytes', Buffer.from(Array.from({ length: 65_536 }, (_, index) => (index * 7919) >>> 5))],
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.alloc(1, 1)],
] as const) {
  test(`a file of ${what} is not taken for a dictionary, and not touched`, (t) => {
    const dir = makeDir(t);
    const path = pathFor(t, 'name', dir);
    fs.writeFileSync(path, content, { mode: 0o600 });
    throwsShm(t, () => SharedDict.open('name', { dir }), 'ERR_SHM_LAYOUT');
    throwsShm(t, () => SharedDict.openOrCreate('name', { ...options, dir }), 'ERR_SHM_LAYOUT');
    t.true(fs.readFileSync(path).equals(content));
  });
}

/** The image of a dictionary with some entries, that nobody has open. */
function makeImage(t: ExecutionContext<unknown>) {
  const dir = makeDir(t);
  const dict = SharedDict.create('name', { ...options, dir, persist: true });
  for (let index = 0; index < 50; index += 1) dict.set(`k${index}`, 'x'.repeat(index * 10));
  const { path } = dict;
  dict.close();
  return { dir, path, image: fs.readFileSync(path) };
}

test('a file cut short is refused', (t) => {
  const { dir, path, image } = makeImage(t);
  for (const length of [0, 1, 63, 64, 511, 4096, 32_768, 65_535]) {
    fs.writeFileSync(path, image.subarray(0, length));
    throwsShm(t, () => SharedDict.open('name', { dir }), ['ERR_SHM_LAYOUT', 'ERR_SHM_CORRUPT', 'ERR_SHM_TRUNCATED']);
  }
  fs.writeFileSync(path, Buffer.concat([image, Buffer.alloc(65_536)]));
  throwsShm(t, () => SharedDict.open('name', { dir }), ['ERR_SHM_LAYOUT', 'ERR_SHM_CORRUPT']);
  fs.writeFileSync(path, image);
  const dict = SharedDict.open('name', { dir });
  t.is(dict.size, 50);
  dict.close();
});

test('a file whose first bytes say something else is of no layout we know', (t) => {
  const { dir, path, image } = makeImage(t);
  for (let offset = 0; offset < 8; offset += 1) {
    const changed = Buffer.from(image);
    changed[offset] = (changed[offset] as number) ^ 0xff;
    fs.writeFileSync(path, changed);
    throwsShm(t, () => SharedDict.open('name', { dir }), ['ERR_SHM_LAYOUT', 'ERR_SHM_CORRUPT']);
  }
});

test('no single flipped bit of the superblock crashes anything', (t) => {
  const { dir, path, image } = makeImage(t);
  const file = fs.openSync(path, 'r+');
  let refused = 0;
  for (let bit = 0; bit < 1024 * 8; bit += 1) {
    const changed = Buffer.from(image.subarray(0, 1024));
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    fs.writeSync(file, changed, 0, changed.length, 0);
    if (!useOnce(dir)) refused += 1;
    fs.writeSync(file, image, 0, image.length, 0);
  }
  fs.closeSync(file);
  t.true(refused > 100, `${refused} refused`);
});

/** Opens, uses and closes the damaged dictionary; false if it was refused, and an error only of our own kind. */
function useOnce(dir: string): boolean {
  try {
    const dict = SharedDict.open('name', { dir, lockTimeout: 0.05 });
    try {
      dict.get('k10');
      dict.set('k10', 'new');
      dict.getKeys();
    } finally {
      dict.close();
    }
    return true;
  } catch (error) {
    if (!(error as { code?: string }).code?.startsWith('ERR_SHM_')) throw error;
    return false;
  }
}

test('a directory that is not there is named in the error', (t) => {
  const error = throwsShm(
    t,
    () => SharedDict.create('name', { ...options, dir: '/dev/shm/no-such-directory' }),
    ['ERR_SHM_NOT_FOUND', 'ERR_SHM_UNSUPPORTED', 'ERR_SHM_ACCESS'],
  );
  t.true(error.message.includes('/dev/shm/no-such-directory'), error.message);
});

test('a file system that cannot hold shared memory is refused', (t) => {
  throwsShm(t, () => SharedDict.create('name', { ...options, dir: '/proc' }), ['ERR_SHM_UNSUPPORTED', 'ERR_SHM_ACCESS', 'ERR_SHM_NO_SPACE']);
  throwsShm(t, () => SharedDict.create('name', { ...options, dir: '/sys' }), ['ERR_SHM_UNSUPPORTED', 'ERR_SHM_ACCESS', 'ERR_SHM_NO_SPACE']);
});

test('other programs that open and close the file, or this one, do no harm', (t) => {
  const dir = makeDir(t);
  const dict = SharedDict.create('name', { ...options, dir });
  dict.set('a', 1);
  for (let round = 0; round < 20; round += 1) fs.closeSync(fs.openSync(dict.path, 'r+'));
  execFileSync('cat', [dict.path]);
  t.is(dict.stats().processes, 1);
  throwsShm(t, () => SharedDict.create('name', { ...options, dir }), 'ERR_SHM_EXISTS');
  t.is(dict.incr('a'), 2);
  dict.close();
});
