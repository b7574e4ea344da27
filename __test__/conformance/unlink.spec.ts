import fs from 'node:fs';
import test from 'ava';
import { until } from '../support/clock';
import { makeDir } from '../support/dict';
import { throwsArgType, throwsShm } from '../support/throws';
import { KINDS } from './kinds';
import { closing, create, NAME, open, startProcess } from './subject';

for (const kind of KINDS) {
  test(`${kind.title}: unlink removes the name and returns whether it was there`, (t) => {
    const { dir } = create(t, kind);
    t.is(kind.Class.unlink(NAME, { dir }), true);
    t.deepEqual(fs.readdirSync(dir), []);
    t.is(kind.Class.unlink(NAME, { dir }), false);
    throwsShm(t, () => kind.open(NAME, { dir }), 'ERR_SHM_NOT_FOUND');
    throwsArgType(t, () => kind.Class.unlink(NAME, 5 as never));
  });

  test.serial(`${kind.title}: handles of an unlinked object go on, also in other processes`, async (t) => {
    const { object, dir } = create(t, kind);
    const child = await startProcess(t, kind, 'open', { dir });
    kind.Class.unlink(NAME, { dir });
    await kind.write(object);
    t.is(await child.ask('isWritten'), true);
  });

  test(`${kind.title}: linked says whether the name leads to the object`, async (t) => {
    const { object, dir } = create(t, kind);
    const reader = closing(t, kind.open(NAME, { dir, readOnly: true }));
    t.deepEqual([object.linked, reader.linked], [true, true]);
    const child = await startProcess(t, kind, 'open', { dir });
    t.is(await child.ask('linked'), true);
    kind.Class.unlink(NAME, { dir });
    t.deepEqual([object.linked, reader.linked], [false, false]);
    t.is(await child.ask('linked'), false);
    const second = closing(t, kind.create(NAME, { dir }));
    t.deepEqual([second.linked, object.linked, reader.linked], [true, false, false]);
    second.close();
    t.false(second.linked);
  });

  test(`${kind.title}: linked notices within a second or so that the file was removed by hand`, async (t) => {
    const { object, dir } = create(t, kind);
    t.true(object.linked);
    const fresh = open(t, kind, dir);
    fs.unlinkSync(object.path);
    t.false(fresh.linked, 'a handle looks at the directory when it is asked for the first time');
    await until(() => !object.linked);
    const second = closing(t, kind.create(NAME, { dir }));
    t.deepEqual([second.linked, object.linked, fresh.linked], [true, false, false]);
  });

  test(`${kind.title}: handles go on when the file is removed by hand, and the name is free`, async (t) => {
    const { object, dir } = create(t, kind);
    const other = open(t, kind, dir);
    fs.unlinkSync(object.path);
    const second = closing(t, kind.create(NAME, { dir }));
    await kind.write(object);
    t.true(await kind.isWritten(other));
    t.false(await kind.isWritten(second));
  });

  test.serial(`${kind.title}: prune removes the leftovers of its kind and returns their names`, async (t) => {
    const dir = makeDir(t);
    const dead = await startProcess(t, kind, 'create', { dir });
    await dead.kill();
    const image = fs.readFileSync(`${dir}/${kind.prefix}${NAME}`);
    // Names are not in the file: copies are leftovers as well.
    for (const name of ['second', 'third']) fs.writeFileSync(`${dir}/${kind.prefix}${name}`, image, { mode: 0o600 });
    closing(t, kind.create('living', { dir }));
    kind.create('persistent', { dir, persist: true }).close();
    const others = KINDS.filter((other) => other !== kind);
    for (const other of others) t.deepEqual(other.Class.prune({ dir }), []);
    t.deepEqual(kind.Class.prune({ dir }).toSorted(), [NAME, 'second', 'third']);
    t.deepEqual(kind.Class.prune({ dir }), []);
    t.deepEqual(kind.Class.list({ dir }).map(({ name, stale }) => [name, stale]).toSorted(), [['living', false], ['persistent', false]]);
  });

  test(`${kind.title}: prune and list leave unrelated files alone`, (t) => {
    const dir = makeDir(t);
    fs.writeFileSync(`${dir}/unrelated`, Buffer.alloc(65_536, 7));
    fs.writeFileSync(`${dir}/${kind.prefix.slice(0, -1)}`, 'text');
    fs.mkdirSync(`${dir}/folder`);
    fs.mkdirSync(`${dir}/${kind.prefix}folder`);
    fs.symlinkSync('/etc/passwd', `${dir}/${kind.prefix}link`);
    const before = fs.readdirSync(dir);
    t.deepEqual(kind.Class.list({ dir }), []);
    t.deepEqual(kind.Class.prune({ dir }), []);
    t.deepEqual(fs.readdirSync(dir), before);
  });

  test(`${kind.title}: list shows, and prune leaves, a regular file under the name that is no object`, (t) => {
    const dir = makeDir(t);
    fs.writeFileSync(`${dir}/${kind.prefix}text`, 'text');
    t.like(kind.Class.list({ dir }), [{ name: 'text', processes: [], stale: false }]);
    t.deepEqual(kind.Class.prune({ dir }), []);
    t.is(fs.readFileSync(`${dir}/${kind.prefix}text`, 'utf8'), 'text');
  });
}

for (const kind of KINDS.filter((row) => row.canReplace)) {
  test(`${kind.title}: linked is false once the object was replaced, or its owner has closed`, (t) => {
    const { object, dir } = create(t, kind);
    const third = closing(t, kind.create(NAME, { dir, replace: true }));
    const other = open(t, kind, dir);
    t.deepEqual([third.linked, other.linked, object.linked], [true, true, false]);
    third.close();
    t.false(other.linked);
  });
}
