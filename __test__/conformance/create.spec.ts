import fs from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { makeDir } from '../support/dict';
import { throwsArgType, throwsArgument, throwsShm } from '../support/throws';
import { KINDS } from './kinds';
import { closing, create, NAME, open } from './subject';

for (const kind of KINDS) {
  test(`${kind.title}: create returns the owner of an object that other handles open`, async (t) => {
    const { object, dir } = create(t, kind);
    const other = open(t, kind, dir);
    t.like(object, { name: NAME, path: path.join(dir, `${kind.prefix}${NAME}`), owner: true, readOnly: false, closed: false });
    t.like(other, { name: NAME, path: object.path, owner: false, readOnly: false, closed: false });
    t.false(await kind.isWritten(other));
    await kind.write(other);
    t.true(await kind.isWritten(object));
    t.is(String(object), `[object ${kind.title}]`);
    t.is(object.constructor, kind.Class);
  });

  test(`${kind.title}: create throws ERR_SHM_EXISTS when a live object has the name`, async (t) => {
    const { object, dir } = create(t, kind);
    await kind.write(object);
    const error = throwsShm(t, () => kind.create(NAME, { dir }), 'ERR_SHM_EXISTS');
    t.like(error, { segment: NAME, path: object.path });
    t.true(error.message.includes(NAME), error.message);
    t.true(await kind.isWritten(open(t, kind, dir)));
  });

  test(`${kind.title}: create leaves one file in its folder, and close leaves none`, (t) => {
    const { object, dir } = create(t, kind);
    t.deepEqual(fs.readdirSync(dir), [`${kind.prefix}${NAME}`]);
    object.close();
    t.deepEqual(fs.readdirSync(dir), []);
  });

  test(`${kind.title}: create gives the file mode 600 or the mode asked for, under any umask`, (t) => {
    const before = process.umask();
    t.teardown(() => process.umask(before));
    for (const umask of [0, 0o777]) {
      process.umask(umask);
      for (const mode of [undefined, 0o640, 0o666]) {
        const { object } = create(t, kind, { mode });
        t.is(fs.statSync(object.path).mode & 0o7777, mode ?? 0o600);
      }
    }
    process.umask(before);
  });

  test(`${kind.title}: create refuses options of a wrong type or value, and makes no file`, (t) => {
    const dir = makeDir(t);
    for (const options of [
      { persist: 'yes' },
      { persist: 1 },
      ...(kind.canReplace ? [{ replace: 1 }] : []),
      { mode: '600' },
      { mode: -1 },
      { mode: 0o1000 },
      { mode: 0.5 },
      { dir: 5 },
      { dir: '' },
      { dir: `${dir}\0` },
      { trustUids: 0 },
      { trustUids: ['root'] },
      { trustUids: 'all' },
      { trustUids: [-1] },
      ...kind.refused,
    ]) {
      throwsArgument(t, () => kind.create(NAME, { dir, ...(options as object) }), JSON.stringify(options));
    }
    t.deepEqual(fs.readdirSync(dir), []);
  });

  test(`${kind.title}: the constructor throws when it is called directly`, (t) => {
    throwsArgType(t, () => Reflect.construct(kind.Class as never, []));
    throwsArgType(t, () => Reflect.construct(kind.Class as never, [{ id: 1 }]));
  });

  test(`${kind.title}: create again after a close makes a new object`, async (t) => {
    const { object, dir } = create(t, kind);
    const other = open(t, kind, dir);
    await kind.write(object);
    object.close();
    const second = closing(t, kind.create(NAME, { dir }));
    t.false(await kind.isWritten(second));
    t.true(await kind.isWritten(other));
    other.close();
    t.true(fs.existsSync(second.path));
  });
}
