// What an owner leaves that dies by a signal, and what `persist` keeps.
import fs from 'node:fs';
import test from 'ava';
import { makeDir } from '../support/dict';
import { throwsArgType, throwsShm } from '../support/throws';
import { KINDS } from './kinds';
import { closing, NAME, open, startProcess } from './subject';

for (const kind of KINDS) {
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    test.serial(`${kind.title}: create replaces the leftover of an owner that died of ${signal}`, async (t) => {
      const dir = makeDir(t);
      const child = await startProcess(t, kind, 'create', { dir });
      t.is(await child.kill(signal), signal);
      t.like(kind.Class.list({ dir })[0], { name: NAME, processes: [], stale: true });
      const object = closing(t, kind.create(NAME, { dir }));
      t.true(object.owner);
      t.false(await kind.isWritten(object));
      t.like(kind.Class.list({ dir }), [{ name: NAME, processes: [process.pid], stale: false }]);
    });
  }

  test.serial(`${kind.title}: open finds a leftover with its state`, async (t) => {
    const dir = makeDir(t);
    const child = await startProcess(t, kind, 'create', { dir });
    await child.kill();
    const found = open(t, kind, dir);
    t.false(found.owner);
    t.true(await kind.isWritten(found));
    throwsShm(t, () => kind.create(NAME, { dir }), 'ERR_SHM_EXISTS');
    t.deepEqual(kind.Class.prune({ dir }), []);
    found.close();
    t.deepEqual(kind.Class.prune({ dir }), [NAME]);
    t.deepEqual(fs.readdirSync(dir), []);
  });

  test.serial(`${kind.title}: prune removes only the leftovers whose names start with the prefix`, async (t) => {
    const dir = makeDir(t);
    const child = await startProcess(t, kind, 'create', { dir });
    await child.kill();
    t.deepEqual(kind.Class.prune({ dir, prefix: `${NAME}x` }), []);
    throwsArgType(t, () => kind.Class.prune({ dir, prefix: 5 as never }));
    t.deepEqual(kind.Class.prune({ dir, prefix: NAME.slice(0, 2) }), [NAME]);
    t.deepEqual(fs.readdirSync(dir), []);
  });

  const { openOrCreate } = kind;
  if (openOrCreate) {
    test.serial(`${kind.title}: openOrCreate makes a leftover an object that lives until unlink`, async (t) => {
      const dir = makeDir(t);
      const owner = await startProcess(t, kind, 'create', { dir });
      await owner.kill();
      const adopted = openOrCreate(NAME, { dir });
      t.false(adopted.owner);
      adopted.close();
      t.like(kind.Class.list({ dir })[0], { name: NAME, processes: [], stale: false });
      t.deepEqual(kind.Class.prune({ dir }), []);
      throwsShm(t, () => kind.create(NAME, { dir }), 'ERR_SHM_EXISTS');
      t.true(await kind.isWritten(closing(t, openOrCreate(NAME, { dir }))));
      t.true(kind.Class.unlink(NAME, { dir }));
    });

    test.serial(`${kind.title}: openOrCreate adopts a dead owner's object also while others have it open`, async (t) => {
      const dir = makeDir(t);
      const owner = await startProcess(t, kind, 'create', { dir });
      const other = await startProcess(t, kind, 'open', { dir });
      // With a living owner nothing is adopted: the name goes with the owner.
      const early = await startProcess(t, kind, 'openOrCreate', { dir });
      await owner.kill();
      await early.kill();
      openOrCreate(NAME, { dir }).close();
      await other.kill();
      t.deepEqual(kind.Class.prune({ dir }), []);
      t.true(await kind.isWritten(open(t, kind, dir)));
    });
  }

  for (const readOnly of [false, true]) {
    const reader = readOnly ? 'a read-only handle' : 'a handle';
    test.serial(`${kind.title}: ${reader} of another process keeps a dead owner's object`, async (t) => {
      const dir = makeDir(t);
      const owner = await startProcess(t, kind, 'create', { dir });
      const other = await startProcess(t, kind, 'open', { dir, readOnly });
      await owner.kill();
      throwsShm(t, () => kind.create(NAME, { dir }), 'ERR_SHM_EXISTS');
      t.deepEqual(kind.Class.prune({ dir }), []);
      t.like(kind.Class.list({ dir })[0], { name: NAME, stale: false });
      await other.kill();
      t.like(kind.Class.list({ dir })[0], { name: NAME, processes: [], stale: true });
      closing(t, kind.create(NAME, { dir }));
    });
  }

  test(`${kind.title}: persist keeps the name and the state when the owner closes`, async (t) => {
    const dir = makeDir(t);
    const owner = kind.create(NAME, { dir, persist: true });
    t.true(owner.owner);
    await kind.write(owner);
    owner.close();
    t.like(kind.Class.list({ dir })[0], { name: NAME, processes: [], stale: false });
    const again = open(t, kind, dir);
    t.false(again.owner);
    t.true(await kind.isWritten(again));
    again.close();
    throwsShm(t, () => kind.create(NAME, { dir }), 'ERR_SHM_EXISTS');
    t.deepEqual(kind.Class.prune({ dir }), []);
    t.true(kind.Class.unlink(NAME, { dir }));
  });

  for (const end of ['exit', 'SIGKILL'] as const) {
    test.serial(`${kind.title}: persist keeps the name and the state when the process ends by ${end}`, async (t) => {
      const dir = makeDir(t);
      const child = await startProcess(t, kind, 'create', { dir, persist: true });
      if (end === 'SIGKILL') await child.kill();
      else {
        child.process.send(end);
        t.is(await child.exited, 0);
      }
      t.deepEqual(kind.Class.prune({ dir }), []);
      throwsShm(t, () => kind.create(NAME, { dir }), 'ERR_SHM_EXISTS');
      t.true(await kind.isWritten(open(t, kind, dir)));
    });
  }
}
