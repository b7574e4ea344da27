// shmkit set, incr, del, expire: changes to a dictionary.
import test from 'ava';
import { json, shmkit } from '../support/cli';
import { makeDict } from '../support/dict';

test('set stores values of each type, from an argument or from standard input', (t) => {
  const dict = makeDict(t);
  const set = (type: string, value: string) => shmkit(['set', dict.name, type, value, '--type', type]).code;
  t.deepEqual([set('string', '12'), set('number', '1.5'), set('bigint', '12'), set('boolean', 'true'), set('null', 'x'), set('json', '{"a":[1]}')], [0, 0, 0, 0, 0, 0]);
  t.deepEqual(dict.getMany(['string', 'number', 'bigint', 'boolean', 'null', 'json']), new Map<string, unknown>([['string', '12'], ['number', 1.5], ['bigint', 12n], ['boolean', true], ['null', null], ['json', { a: [1] }]]));
  t.is(shmkit(['set', dict.name, 'bytes', '--type', 'bytes'], { input: Buffer.of(0, 255) }).code, 0);
  t.deepEqual(dict.get('bytes'), Buffer.of(0, 255));
  t.is(shmkit(['set', dict.name, 'text', '-'], { input: 'from\nstdin' }).code, 0);
  t.is(dict.get('text'), 'from\nstdin');
  t.deepEqual([set('number', 'x'), set('json', '{'), set('boolean', '1'), set('none', '1')], [2, 2, 2, 2]);
});

test('set obeys conditions and times to live, and ends with 1 if it stored nothing', (t) => {
  const dict = makeDict(t);
  t.is(shmkit(['set', dict.name, 'k', 'a', '--if-present']).code, 1);
  t.is(shmkit(['set', dict.name, 'k', 'a', '--if-absent', '--ttl', '2h']).code, 0);
  t.true((dict.ttl('k') ?? 0) > 7000);
  t.is(shmkit(['set', dict.name, 'k', 'b', '--if-absent']).code, 1);
  const version = String(dict.getEntry('k')?.version);
  t.is(shmkit(['set', dict.name, 'k', 'c', '--if-version', version, '--keep-ttl']).code, 0);
  t.is(shmkit(['set', dict.name, 'k', 'd', '--if-version', version]).code, 1);
  t.is(dict.get('k'), 'c');
  t.true((dict.ttl('k') ?? 0) > 7000);
});

test('incr adds to numbers and bigints, and creates a key only with --init', (t) => {
  const dict = makeDict(t);
  t.is(shmkit(['incr', dict.name, 'n']).code, 1);
  t.is(shmkit(['incr', dict.name, 'n', '5', '--init', '10']).out, '15\n');
  t.is(shmkit(['incr', dict.name, 'n', '--', '-20']).out, '-5\n');
  dict.set('big', 2n ** 60n);
  t.is(shmkit(['incr', dict.name, 'big']).out, `${2n ** 60n + 1n}\n`);
  t.is(json('incr', dict.name, 'new', '1', '--init', '0n'), '1');
  t.is(dict.get('new'), 1n);
  dict.set('text', 'x');
  t.is(shmkit(['incr', dict.name, 'text']).code, 3);
});

test('del removes keys or a prefix and prints how many; expire sets a time to live', (t) => {
  const dict = makeDict(t);
  dict.setMany([['a', 1], ['b', 1], ['p:1', 1], ['p:2', 1], ['q', 1]]);
  t.is(shmkit(['del', dict.name, 'a', 'b', 'none']).out, '2\n');
  t.is(shmkit(['del', dict.name, '--prefix', 'p:']).out, '2\n');
  t.deepEqual(dict.getKeys(), ['q']);
  t.is(shmkit(['del', dict.name, 'a']).code, 1);
  t.is(shmkit(['del', dict.name]).code, 2);
  t.is(shmkit(['del', dict.name, '--prefix', '']).code, 2);
  t.is(shmkit(['expire', dict.name, 'q', '10m']).code, 0);
  t.true((dict.ttl('q') ?? 0) > 500);
  t.is(shmkit(['expire', dict.name, 'q', 'never']).code, 0);
  t.is(dict.ttl('q'), 0);
  t.is(shmkit(['expire', dict.name, 'none', '1s']).code, 1);
  t.is(shmkit(['expire', dict.name, 'q', 'soon']).code, 2);
});
