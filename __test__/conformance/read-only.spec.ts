import fs from 'node:fs';
import test from 'ava';
import { KINDS } from './kinds';
import { codeOf } from './kinds/kind';
import { create, open } from './subject';

for (const kind of KINDS) {
  test(`${kind.title}: a read-only handle says so and does not own`, async (t) => {
    const { object, dir } = create(t, kind);
    const reader = open(t, kind, dir, { readOnly: true });
    t.like(reader, { readOnly: true, owner: false, closed: false, path: object.path });
    reader.close();
    t.true(fs.existsSync(object.path));
    t.false(open(t, kind, dir, { readOnly: false }).readOnly);
  });

  test(`${kind.title}: every change through a read-only handle throws ERR_SHM_READONLY`, async (t) => {
    const { object, dir } = create(t, kind);
    const reader = open(t, kind, dir, { readOnly: true });
    for (const isWritten of [false, true]) {
      if (isWritten) await kind.write(object);
      const before = fs.readFileSync(object.path);
      for (const use of kind.uses.filter(({ changes }) => changes)) {
        t.is(await codeOf(() => use.call(reader)), 'ERR_SHM_READONLY', use.name);
      }
      t.true(fs.readFileSync(object.path).equals(before));
    }
  });

  test(`${kind.title}: a read-only handle allows every use that only reads`, async (t) => {
    const { dir } = create(t, kind);
    const reader = open(t, kind, dir, { readOnly: true });
    for (const use of kind.uses.filter(({ changes }) => !changes)) t.is(await codeOf(() => use.call(reader)), undefined, use.name);
  });

  const { seen, wait } = kind;
  if (seen) {
    test(`${kind.title}: a read-only handle sees changes at once`, (t) => {
      const { object, dir } = create(t, kind);
      const reader = open(t, kind, dir, { readOnly: true });
      t.false(seen.isSeen(reader));
      seen.change(object);
      t.true(seen.isSeen(reader));
    });
  }

  if (wait) {
    test(`${kind.title}: a wait through a read-only handle rejects with ERR_SHM_READONLY at once`, async (t) => {
      const { dir } = create(t, kind);
      t.is(await codeOf(() => wait(open(t, kind, dir, { readOnly: true }))), 'ERR_SHM_READONLY');
    });
  }
}
