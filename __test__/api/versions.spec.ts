import test from 'ava';
import { makeDict, openAgain } from '../support/dict';

test('getEntry returns value, version and TTL', (t) => {
  const dict = makeDict(t);
  t.is(dict.getEntry('a'), undefined);
  dict.set('a', 'x');
  const entry = dict.getEntry('a');
  t.deepEqual(Object.keys(entry ?? {}).toSorted(), ['ttl', 'value', 'version']);
  t.is(entry?.value, 'x');
  t.is(typeof entry?.version, 'bigint');
  t.is(entry?.ttl, 0);
  dict.expire('a', 50);
  const left = dict.getEntry('a')?.ttl as number;
  t.true(left > 40 && left <= 50);
});

test('version: every write of a key gives it a version it never had', (t) => {
  const dict = makeDict(t);
  const seen = new Set<bigint>();
  const writes: Array<() => unknown> = [
    () => dict.set('a', 1),
    () => dict.set('a', 1),
    () => dict.incr('a'),
    () => dict.expire('a', 100),
    () => dict.expire('a', 0),
    () => dict.swap('a', 'long '.repeat(500)),
    () => dict.replace('a', 'short'),
    () => (dict.delete('a'), dict.set('a', 1)),
    () => (dict.take('a'), dict.add('a', 1)),
    () => (dict.clear(), dict.set('a', 1)),
    () => dict.update('a', (value) => Number(value) + 1),
    () => dict.setMany([['a', 9]]),
  ];
  for (let round = 0; round < 20; round += 1) {
    for (const write of writes) {
      write();
      const version = dict.getEntry('a')?.version as bigint;
      if (seen.has(version)) t.fail(`version ${version} came twice: ${write}`);
      seen.add(version);
    }
  }
  t.is(seen.size, 20 * writes.length);
});

test('version: reads leave it as it is', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1, 100);
  const version = dict.getEntry('a')?.version;
  dict.get('a');
  dict.has('a');
  dict.ttl('a');
  dict.getKeys();
  dict.add('a', 2);
  dict.set('b', 1);
  t.is(dict.getEntry('a')?.version, version);
});

test('version: one taken before clear does not match when an equal value is set again', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  const version = dict.getEntry('a')?.version as bigint;
  dict.clear();
  t.is(dict.set('a', 2, { ifVersion: version }), false);
  dict.set('a', 1);
  t.is(dict.set('a', 2, { ifVersion: version }), false);
  t.is(dict.delete('a', { ifVersion: version }), false);
});

test('version: one read through a handle is valid for another handle', (t) => {
  const dict = makeDict(t);
  const other = openAgain(t, dict);
  dict.set('a', 1);
  const version = other.getEntry('a')?.version as bigint;
  t.is(version, dict.getEntry('a')?.version as bigint);
  t.true(other.set('a', 2, { ifVersion: version }));
  t.false(dict.set('a', 3, { ifVersion: version }));
});
