import fs from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { makeDir } from '../support/dict';
import { throwsArgType, throwsShm } from '../support/throws';
import { KINDS } from './kinds';
import { closing, NAME } from './subject';

const LONGEST = 100;

const INVALID = [
  '',
  '.',
  '..',
  '../x',
  'a/b',
  '/a',
  'a\\b',
  'a\0b',
  'a\0',
  '.hidden',
  '-dash',
  'a b',
  ' a',
  'a ',
  'a\n',
  'é',
  '😀',
  'a:b',
  'a*',
  'x'.repeat(LONGEST + 1),
  'x'.repeat(300),
];

const VALID = ['a', 'A9', '_', '_.-', '0', 'a.b-c_d', 'a..b', 'a.', 'a-', 'CON', '__proto__', 'constructor', 'x'.repeat(LONGEST)];

for (const kind of KINDS) {
  const calls = [kind.create, kind.open, ...(kind.openOrCreate ? [kind.openOrCreate] : []), kind.Class.unlink.bind(kind.Class)];

  test(`${kind.title}: an invalid name throws ERR_SHM_INVALID_NAME before any system call`, (t) => {
    const dir = path.join(makeDir(t), 'missing');
    for (const name of INVALID) {
      for (const call of calls) {
        const error = throwsShm(t, () => call(name, { dir }), 'ERR_SHM_INVALID_NAME');
        t.is(error.syscall, undefined, JSON.stringify(name));
      }
    }
  });

  test(`${kind.title}: every valid name can be created, opened, listed and removed`, async (t) => {
    const dir = makeDir(t);
    for (const name of VALID) {
      const object = closing(t, kind.create(name, { dir }));
      t.is(object.name, name);
      t.is(path.basename(object.path), kind.prefix + name);
      const other = closing(t, kind.open(name, { dir }));
      await kind.write(other);
      t.true(await kind.isWritten(object), name);
    }
    t.deepEqual(kind.Class.list({ dir }).map((line) => line.name).toSorted(), VALID.toSorted());
    for (const name of VALID) t.true(kind.Class.unlink(name, { dir }), name);
    t.deepEqual(fs.readdirSync(dir), []);
  });

  test(`${kind.title}: names that differ only in case are two objects`, async (t) => {
    const dir = makeDir(t);
    const [lower, upper] = [closing(t, kind.create('name', { dir })), closing(t, kind.create('NAME', { dir }))];
    await kind.write(lower);
    t.false(await kind.isWritten(upper));
  });

  test(`${kind.title}: a name that is not a string throws ERR_INVALID_ARG_TYPE`, (t) => {
    for (const name of [undefined, null, 5, {}, ['a'], Symbol('s'), Buffer.from('a')]) {
      for (const call of calls) {
        if (kind.canBeAnonymous && (name === undefined || typeof name === 'object')) continue;
        throwsArgType(t, () => call(name as never, {}));
      }
    }
  });

  test(`${kind.title}: the name of an object of another kind is free`, async (t) => {
    const dir = makeDir(t);
    const others = KINDS.filter((other) => other !== kind).map((other) => closing(t, other.create(NAME, { dir })));
    throwsShm(t, () => kind.open(NAME, { dir }), 'ERR_SHM_NOT_FOUND');
    const object = closing(t, kind.create(NAME, { dir }));
    t.is(new Set([object, ...others].map((each) => each.path)).size, KINDS.length);
    t.deepEqual(kind.Class.list({ dir }).map((line) => line.name), [NAME]);
    t.true(kind.Class.unlink(NAME, { dir }));
    t.is(fs.readdirSync(dir).length, KINDS.length - 1);
  });
}
