import fs from 'node:fs';
import test from 'ava';
import { makeDir } from '../support/dict';
import { throwsShm } from '../support/throws';
import { KINDS } from './kinds';
import { closing, create, NAME, open, startProcess } from './subject';

for (const kind of KINDS) {
  const { openOrCreate } = kind;
  if (!openOrCreate) {
    test(`${kind.title}: openOrCreate does not exist`, (t) => {
      t.false('openOrCreate' in kind.Class);
    });
    continue;
  }

  test(`${kind.title}: openOrCreate creates a missing object and attaches to a present one`, async (t) => {
    const dir = makeDir(t);
    const [first, second] = [1, 2].map(() => closing(t, openOrCreate(NAME, { dir }))) as [ReturnType<typeof openOrCreate>, ReturnType<typeof openOrCreate>];
    t.deepEqual([first.owner, second.owner], [false, false]);
    t.is(first.path, second.path);
    await kind.write(first);
    t.true(await kind.isWritten(second));
  });

  test(`${kind.title}: openOrCreate makes an object that lives until unlink when no handle is open`, async (t) => {
    const dir = makeDir(t);
    const first = openOrCreate(NAME, { dir });
    await kind.write(first);
    first.close();
    t.like(kind.Class.list({ dir })[0], { name: NAME, stale: false, processes: [] });
    t.deepEqual(kind.Class.prune({ dir }), []);
    throwsShm(t, () => kind.create(NAME, { dir }), 'ERR_SHM_EXISTS');
    t.true(await kind.isWritten(closing(t, openOrCreate(NAME, { dir }))));
    t.true(await kind.isWritten(open(t, kind, dir)));
    t.true(kind.Class.unlink(NAME, { dir }));
    throwsShm(t, () => kind.open(NAME, { dir }), 'ERR_SHM_NOT_FOUND');
  });

  test.serial(`${kind.title}: openOrCreate makes an object that outlives its creator's death`, async (t) => {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const dir = makeDir(t);
      const child = await startProcess(t, kind, 'openOrCreate', { dir });
      t.is(await child.kill(signal), signal);
      throwsShm(t, () => kind.create(NAME, { dir }), 'ERR_SHM_EXISTS');
      t.true(await kind.isWritten(closing(t, openOrCreate(NAME, { dir }))));
    }
  });

  test(`${kind.title}: openOrCreate attaches to an owned object without owning it`, async (t) => {
    const { object, dir } = create(t, kind);
    const shared = openOrCreate(NAME, { dir });
    t.false(shared.owner);
    await kind.write(shared);
    shared.close();
    t.true(await kind.isWritten(object));
    object.close();
    throwsShm(t, () => kind.open(NAME, { dir }), 'ERR_SHM_NOT_FOUND');
  });

  test.serial(`${kind.title}: openOrCreate attaches to a leftover and keeps its state`, async (t) => {
    const dir = makeDir(t);
    const child = await startProcess(t, kind, 'create', { dir });
    await child.kill();
    const object = closing(t, openOrCreate(NAME, { dir }));
    t.false(object.owner);
    t.true(await kind.isWritten(object));
  });

  test(`${kind.title}: openOrCreate throws ERR_SHM_OPTIONS_MISMATCH and names the options that differ`, async (t) => {
    for (const { made, asked, fields } of kind.mismatches) {
      const { object, dir } = create(t, kind, made);
      closing(t, openOrCreate(NAME, { ...made, dir }));
      const error = throwsShm(t, () => openOrCreate(NAME, { ...made, ...asked, dir }), 'ERR_SHM_OPTIONS_MISMATCH');
      for (const field of fields) t.true(error.message.includes(field), error.message);
      await kind.write(object);
      t.true(await kind.isWritten(object));
      t.true(fs.existsSync(object.path));
    }
    t.pass();
  });
}
