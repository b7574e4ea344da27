import test from 'ava';
import { SharedDict } from 'shmkit';
import { makeDir } from '../support/dict';
import { throwsArgType, throwsShm } from '../support/throws';

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
  'x'.repeat(101),
  'x'.repeat(300),
];

const VALID = ['a', 'A9', '_', '_.-', '0', 'a.b-c_d', 'CON', 'x'.repeat(100), '__proto__', 'constructor'];

for (const name of INVALID) {
  test(`${JSON.stringify(name.slice(0, 20))} of ${name.length} characters is no name`, (t) => {
    throwsShm(t, () => SharedDict.create(name, '64kb'), 'ERR_SHM_INVALID_NAME');
    throwsShm(t, () => SharedDict.open(name), 'ERR_SHM_INVALID_NAME');
    throwsShm(t, () => SharedDict.openOrCreate(name, '64kb'), 'ERR_SHM_INVALID_NAME');
    throwsShm(t, () => SharedDict.unlink(name), 'ERR_SHM_INVALID_NAME');
  });
}

test('every name that the rule allows works', (t) => {
  const dir = makeDir(t);
  for (const name of VALID) {
    const dict = SharedDict.create(name, { size: '64kb', dir });
    t.is(dict.name, name);
    const other = SharedDict.open(name, { dir });
    other.set('a', name);
    t.is(dict.get('a'), name);
    other.close();
    dict.close();
  }
  t.deepEqual(SharedDict.list({ dir }), []);
});

test('names that differ in case are different', (t) => {
  const dir = makeDir(t);
  const lower = SharedDict.create('name', { size: '64kb', dir });
  const upper = SharedDict.create('NAME', { size: '64kb', dir });
  lower.set('a', 1);
  t.false(upper.has('a'));
  lower.close();
  upper.close();
});

test('a name that is no string is of the wrong type', (t) => {
  for (const name of [undefined, null, 5, {}, ['a'], Symbol('s')]) {
    throwsArgType(t, () => SharedDict.create(name as never, '64kb'));
    throwsArgType(t, () => SharedDict.open(name as never));
    throwsArgType(t, () => SharedDict.openOrCreate(name as never, '64kb'));
    throwsArgType(t, () => SharedDict.unlink(name as never));
  }
});
