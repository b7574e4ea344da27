import fs from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { makeDir, uniqueName } from '../support/dict';
import { throwsShm } from '../support/throws';
import { KINDS } from './kinds';
import type { Kind } from './kinds/kind';
import { closing, create, NAME } from './subject';

/** Every call that takes a folder. */
function callsIn(kind: Kind, dir: string): Array<() => unknown> {
  const { Class, openOrCreate } = kind;
  return [
    () => kind.create(NAME, { dir }),
    () => kind.open(NAME, { dir }),
    ...(openOrCreate ? [() => openOrCreate(NAME, { dir })] : []),
    () => Class.unlink(NAME, { dir }),
    () => Class.prune({ dir }),
    () => Class.list({ dir }),
  ];
}

function isRefused(t: ExecutionContext<unknown>, kind: Kind, dir: string): void {
  for (const call of callsIn(kind, dir)) {
    const error = throwsShm(t, call, 'ERR_SHM_UNSUPPORTED');
    t.true(error.message.includes(dir), error.message);
  }
}

for (const kind of KINDS) {
  test(`${kind.title}: the default folder is the user's own, in /dev/shm`, (t) => {
    const name = uniqueName();
    const object = closing(t, kind.create(name));
    const folder = `/dev/shm/shmkit-${process.geteuid?.()}`;
    t.is(object.path, `${folder}/${kind.prefix}${name}`);
    t.is(fs.statSync(folder).mode & 0o7777, 0o700);
    t.is(closing(t, kind.open(name)).path, object.path);
    t.true(kind.Class.list().some((line) => line.name === name));
    t.true(kind.Class.unlink(name));
  });

  test(`${kind.title}: one name in two folders is two objects`, async (t) => {
    const [left, right] = [create(t, kind), create(t, kind)];
    await kind.write(left.object);
    t.false(await kind.isWritten(right.object));
    throwsShm(t, () => kind.open(NAME, { dir: makeDir(t) }), 'ERR_SHM_NOT_FOUND');
    t.true(kind.Class.unlink(NAME, { dir: left.dir }));
    t.true(fs.existsSync(right.object.path));
  });

  test(`${kind.title}: every call throws ERR_SHM_UNSUPPORTED and names the folder when it is missing`, (t) => {
    isRefused(t, kind, path.join(makeDir(t), 'missing'));
  });

  test(`${kind.title}: every call throws ERR_SHM_UNSUPPORTED when the folder is a file`, (t) => {
    const file = path.join(makeDir(t), 'file');
    fs.writeFileSync(file, 'text');
    isRefused(t, kind, file);
    t.is(fs.readFileSync(file, 'utf8'), 'text');
  });

  test(`${kind.title}: create throws ERR_SHM_UNSUPPORTED on a file system without shared memory`, (t) => {
    for (const dir of ['/proc', '/sys']) throwsShm(t, () => kind.create(NAME, { dir }), ['ERR_SHM_UNSUPPORTED', 'ERR_SHM_ACCESS']);
  });
}
