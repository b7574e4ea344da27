import fs from 'node:fs';
import test from 'ava';
import { until } from '../support/clock';
import { collectGarbage } from '../support/file';
import { KINDS } from './kinds';
import { codeOf } from './kinds/kind';
import { create, NAME, open } from './subject';

for (const kind of KINDS) {
  test(`${kind.title}: close and Symbol.dispose are idempotent`, (t) => {
    const { object, dir } = create(t, kind);
    const other = open(t, kind, dir);
    for (const close of [object.close, object[Symbol.dispose], object.close]) t.is(close.call(object), undefined);
    t.true(object.closed);
    t.false(other.closed);
  });

  test(`${kind.title}: every use throws ERR_SHM_CLOSED when the handle is closed`, async (t) => {
    const { object, dir } = create(t, kind);
    const other = open(t, kind, dir);
    await kind.write(object);
    object.close();
    for (const use of kind.uses) {
      const code = kind.allowedWhenClosed.includes(use.name) ? undefined : 'ERR_SHM_CLOSED';
      t.is(await codeOf(() => use.call(object)), code, use.name);
    }
    t.true(await kind.isWritten(other));
  });

  test(`${kind.title}: the properties of a closed handle are as before`, (t) => {
    const { object, dir } = create(t, kind);
    const reader = open(t, kind, dir, { readOnly: true });
    const { path } = object;
    for (const handle of [object, reader]) handle.close();
    t.like(object, { name: NAME, path, owner: true, readOnly: false, closed: true });
    t.like(reader, { name: NAME, path, owner: false, readOnly: true, closed: true });
  });

  const { wait } = kind;
  if (wait) {
    test(`${kind.title}: a wait in progress rejects with ERR_SHM_CLOSED when the handle is closed`, async (t) => {
      const { object } = create(t, kind);
      const waiting = codeOf(() => wait(object));
      object.close();
      t.is(await waiting, 'ERR_SHM_CLOSED');
    });
  }

  test.serial(`${kind.title}: collected handles leave no file descriptor`, async (t) => {
    const { dir } = create(t, kind);
    await collectGarbage();
    const before = fs.readdirSync('/proc/self/fd').length;
    for (let round = 0; round < 300; round += 1) kind.open(NAME, { dir });
    await until(() => {
      globalThis.gc?.();
      return fs.readdirSync('/proc/self/fd').length <= before + 3;
    });
    t.deepEqual(kind.Class.list({ dir })[0]?.processes, [process.pid]);
  });

  test.serial(`${kind.title}: a thousand handles that are opened and closed leave no file descriptor`, async (t) => {
    const { dir } = create(t, kind);
    await collectGarbage();
    const before = fs.readdirSync('/proc/self/fd').length;
    for (let round = 0; round < 1000; round += 1) kind.open(NAME, { dir }).close();
    t.true(fs.readdirSync('/proc/self/fd').length <= before + 2);
  });
}
