// The table of this suite is complete.
import test from 'ava';
import * as shmkit from 'shmkit';
import type { NamedObject } from 'shmkit';
import { KINDS } from './kinds';
import { create } from './subject';

/** Members that every kind has, closed or not. */
const COMMON = new Set(['constructor', 'name', 'path', 'owner', 'readOnly', 'linked', 'closed', 'close', 'Symbol(Symbol.toStringTag)', 'Symbol(nodejs.util.inspect.custom)']);

/** The names of an object's methods and properties. */
function membersOf(object: NamedObject): string[] {
  const members: string[] = [];
  for (let level: object = Object.getPrototypeOf(object); level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    members.push(...Reflect.ownKeys(level).filter((key) => key !== Symbol.dispose).map(String));
  }
  return [...new Set(members)];
}

test('conformance table: it has a row for every class of named objects', (t) => {
  const classes = Object.values(shmkit).filter((value) => typeof value === 'function' && 'open' in value && 'unlink' in value);
  t.deepEqual(KINDS.map((kind) => kind.Class.name).toSorted(), classes.map((value) => value.name).toSorted());
  for (const kind of KINDS) t.is(kind.Class.name, kind.title);
});

for (const kind of KINDS) {
  test(`${kind.title}: the table names every method and property`, (t) => {
    const { object } = create(t, kind);
    const own = membersOf(object).filter((name) => !COMMON.has(name));
    t.deepEqual(kind.uses.map((use) => use.name).toSorted(), own.toSorted());
  });
}
