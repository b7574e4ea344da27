// What may lie under an object's name that is no such object.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { makeDir } from '../support/dict';
import { throwsShm } from '../support/throws';
import { KINDS } from './kinds';
import { codeOf, type Kind } from './kinds/kind';
import { create, NAME, open } from './subject';

const REGULAR_SIZE = 65_536;

/** The file of an object that no process has open. */
function makeImage(t: ExecutionContext<unknown>, kind: Kind): { dir: string; file: string; image: Buffer } {
  const dir = makeDir(t);
  const object = kind.create(NAME, { dir, persist: true });
  object.close();
  return { dir, file: object.path, image: fs.readFileSync(object.path) };
}

const SPECIAL: Record<string, (file: string, dir: string, image: Buffer) => void> = {
  'a dangling link': (file, dir) => fs.symlinkSync(path.join(dir, 'elsewhere'), file),
  'a link to a real object'(file, dir, image) {
    fs.writeFileSync(path.join(dir, 'target'), image, { mode: 0o600 });
    fs.symlinkSync(path.join(dir, 'target'), file);
  },
  'a FIFO': (file) => void execFileSync('mkfifo', [file]),
  'a folder': (file) => fs.mkdirSync(file),
};

const CONTENTS: Record<string, Buffer> = {
  text: Buffer.from('hello, this is no object\n'.repeat(5000)),
  zeros: Buffer.alloc(REGULAR_SIZE),
  'pseudo-random bytes': Buffer.from(Array.from({ length: REGULAR_SIZE }, (_, index) => (index * 7919) >>> 5)),
  nothing: Buffer.alloc(0),
  'one byte': Buffer.alloc(1, 1),
};

for (const kind of KINDS) {
  const { openOrCreate } = kind;

  for (const [what, make] of Object.entries(SPECIAL)) {
    test(`${kind.title}: every call throws ERR_SHM_UNTRUSTED when ${what} has the name`, (t) => {
      const { dir, file, image } = makeImage(t, kind);
      fs.rmSync(file);
      make(file, dir, image);
      const before = fs.readdirSync(dir);
      throwsShm(t, () => kind.open(NAME, { dir }), 'ERR_SHM_UNTRUSTED');
      throwsShm(t, () => kind.open(NAME, { dir, readOnly: true }), 'ERR_SHM_UNTRUSTED');
      throwsShm(t, () => kind.create(NAME, { dir }), 'ERR_SHM_UNTRUSTED');
      if (openOrCreate) throwsShm(t, () => openOrCreate(NAME, { dir }), 'ERR_SHM_UNTRUSTED');
      if (kind.canReplace) throwsShm(t, () => kind.create(NAME, { dir, replace: true }), 'ERR_SHM_UNTRUSTED');
      t.deepEqual(kind.Class.prune({ dir }), []);
      t.deepEqual(fs.readdirSync(dir), before);
    });
  }

  test(`${kind.title}: open throws ERR_SHM_LAYOUT and leaves a file of another kind`, (t) => {
    const { dir, file } = makeImage(t, kind);
    const others = KINDS.filter((other) => other !== kind).map((other) => [other.title, makeImage(t, other).image] as const);
    for (const [what, content] of [...Object.entries(CONTENTS), ...others]) {
      fs.writeFileSync(file, content);
      throwsShm(t, () => kind.open(NAME, { dir }), 'ERR_SHM_LAYOUT');
      throwsShm(t, () => kind.open(NAME, { dir, readOnly: true }), 'ERR_SHM_LAYOUT');
      if (openOrCreate) throwsShm(t, () => openOrCreate(NAME, { dir }), 'ERR_SHM_LAYOUT');
      t.deepEqual(kind.Class.prune({ dir }), [], what);
      t.true(fs.readFileSync(file).equals(content), what);
    }
  });

  test(`${kind.title}: open throws when the file is truncated, and not once it is whole again`, async (t) => {
    const { dir, file, image } = makeImage(t, kind);
    const useOnce = async () => {
      using object = kind.open(NAME, { dir });
      for (const use of kind.uses.filter(({ changes }) => !changes)) await use.call(object);
    };
    for (const length of [0, 1, 63, 64, 511, 4096, image.length - 4096, image.length - 1]) {
      fs.writeFileSync(file, image.subarray(0, length));
      t.regex(String(await codeOf(useOnce)), /^ERR_SHM_(LAYOUT|CORRUPT|TRUNCATED)$/, String(length));
    }
    fs.writeFileSync(file, Buffer.concat([image, Buffer.alloc(REGULAR_SIZE)]));
    if (kind.canGrow) t.is(await codeOf(useOnce), undefined);
    else t.regex(String(await codeOf(useOnce)), /^ERR_SHM_(LAYOUT|CORRUPT)$/);
    fs.writeFileSync(file, image);
    t.is(await codeOf(useOnce), undefined);
  });

  test(`${kind.title}: other programs, and this one, may open and close the file without harm`, async (t) => {
    const { object, dir } = create(t, kind);
    for (let round = 0; round < 20; round += 1) fs.closeSync(fs.openSync(object.path, 'r+'));
    execFileSync('cat', [object.path], { maxBuffer: 2 ** 24 });
    t.deepEqual(kind.Class.list({ dir })[0]?.processes, [process.pid]);
    throwsShm(t, () => kind.create(NAME, { dir }), 'ERR_SHM_EXISTS');
    await kind.write(open(t, kind, dir));
    t.true(await kind.isWritten(object));
  });
}
