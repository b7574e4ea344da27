import fs from 'node:fs';
import test from 'ava';
import { makeDir } from '../support/dict';
import { throwsArgValue } from '../support/throws';
import { KINDS } from './kinds';
import { codeOf } from './kinds/kind';
import { closing, create, NAME, open, startProcess } from './subject';

/** What a handle does without the shared memory goes on working. */
const LOCAL = new Set(['ref', 'unref', 'readable', 'writable']);

for (const kind of KINDS.filter((row) => row.canReplace)) {
  const replacing = (dir: string) => kind.create(NAME, { dir, replace: true });

  test(`${kind.title}: replace takes the name, and the old object throws ERR_SHM_RETIRED`, async (t) => {
    const { object, dir } = create(t, kind);
    const reader = open(t, kind, dir, { readOnly: true });
    await kind.write(object);
    const second = closing(t, replacing(dir));
    t.true(second.owner);
    t.is(fs.readdirSync(dir).length, 1);
    for (const use of kind.uses.filter(({ name }) => !LOCAL.has(name))) {
      t.is(await codeOf(() => use.call(object)), 'ERR_SHM_RETIRED', use.name);
      if (!use.changes) t.is(await codeOf(() => use.call(reader)), 'ERR_SHM_RETIRED', use.name);
    }
    t.false(await kind.isWritten(second));
    await kind.write(second);
    t.true(await kind.isWritten(open(t, kind, dir)));
  });

  test(`${kind.title}: the close of a replaced owner leaves the name of its successor`, async (t) => {
    const { object, dir } = create(t, kind);
    const second = closing(t, replacing(dir));
    object.close();
    t.true(fs.existsSync(second.path));
    await kind.write(second);
    t.true(await kind.isWritten(open(t, kind, dir)));
  });

  test(`${kind.title}: replace of a missing name creates`, async (t) => {
    const dir = makeDir(t);
    const object = closing(t, replacing(dir));
    t.true(object.owner);
    await kind.write(object);
    t.true(await kind.isWritten(object));
  });

  test(`${kind.title}: replace takes over persistent and shared objects that no handle has open`, (t) => {
    const dir = makeDir(t);
    kind.openOrCreate?.(NAME, { dir }).close();
    kind.create(NAME, { dir, replace: true, persist: true }).close();
    replacing(dir).close();
    t.deepEqual(fs.readdirSync(dir), []);
  });

  test.serial(`${kind.title}: other processes get ERR_SHM_RETIRED when the object is replaced`, async (t) => {
    const { dir } = create(t, kind);
    const child = await startProcess(t, kind, 'open', { dir });
    const second = closing(t, replacing(dir));
    const codes = await child.ask<Record<string, string>>('codes');
    t.deepEqual(Object.keys(codes), kind.uses.map((use) => use.name));
    for (const [use, code] of Object.entries(codes)) if (!LOCAL.has(use)) t.is(code, 'ERR_SHM_RETIRED', use);
    await kind.write(second);
    const newcomer = await startProcess(t, kind, 'open', { dir });
    t.is(await newcomer.ask('isWritten'), true);
  });

  const { wait } = kind;
  if (wait) {
    test(`${kind.title}: a wait in progress rejects with ERR_SHM_RETIRED when the object is replaced`, async (t) => {
      const { object, dir } = create(t, kind);
      const waiting = codeOf(() => wait(object));
      closing(t, replacing(dir));
      t.is(await waiting, 'ERR_SHM_RETIRED');
    });
  }

  test.serial(`${kind.title}: replace takes the place of a leftover`, async (t) => {
    const dir = makeDir(t);
    const child = await startProcess(t, kind, 'create', { dir });
    await child.kill();
    t.false(await kind.isWritten(closing(t, replacing(dir))));
  });
}

for (const kind of KINDS.filter((row) => !row.canReplace)) {
  test(`${kind.title}: replace is an unknown option, and create leaves the object alone`, async (t) => {
    const { object, dir } = create(t, kind);
    await kind.write(object);
    throwsArgValue(t, () => kind.create(NAME, { dir, replace: true }));
    t.true(await kind.isWritten(object));
  });
}
