import test from 'ava';
import { makeDict } from '../support/dict';
import { throwsArgType, throwsArgument } from '../support/throws';

test('set with ifAbsent stores only when the key is missing', (t) => {
  const dict = makeDict(t);
  t.is(dict.set('a', 1, { ifAbsent: true }), true);
  t.is(dict.set('a', 2, { ifAbsent: true }), false);
  t.is(dict.get('a'), 1);
  t.is(dict.set('a', 3, { ifAbsent: false }), true);
});

test('set with ifPresent stores only when the key is present', (t) => {
  const dict = makeDict(t);
  t.is(dict.set('a', 1, { ifPresent: true }), false);
  t.false(dict.has('a'));
  dict.set('a', 1);
  t.is(dict.set('a', 2, { ifPresent: true }), true);
  t.is(dict.get('a'), 2);
  t.is(dict.set('b', 3, { ifPresent: false }), true);
});

test('set with ifVersion stores only when the key has that version', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  const version = dict.getEntry('a')?.version as bigint;
  t.is(dict.set('a', 2, { ifVersion: version }), true);
  t.is(dict.set('a', 3, { ifVersion: version }), false);
  t.is(dict.get('a'), 2);
});

test('set with ifVersion stores nothing when the key is missing', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  const version = dict.getEntry('a')?.version as bigint;
  dict.delete('a');
  t.is(dict.set('a', 2, { ifVersion: version }), false);
  t.false(dict.has('a'));
});

test('delete with ifVersion removes only when the key has that version', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  const version = dict.getEntry('a')?.version as bigint;
  dict.set('a', 2);
  t.is(dict.delete('a', { ifVersion: version }), false);
  t.is(dict.get('a'), 2);
  const current = dict.getEntry('a')?.version as bigint;
  t.is(dict.delete('a', { ifVersion: current }), true);
  t.false(dict.has('a'));
  t.is(dict.delete('a', { ifVersion: current }), false);
});

test('set removes the TTL of the key, and with keepTtl keeps it', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1, 100);
  dict.set('a', 2);
  t.is(dict.ttl('a'), 0);
  dict.set('a', 3, { ttl: 100 });
  dict.set('a', 4, { keepTtl: true });
  const left = dict.ttl('a') as number;
  t.true(left > 90 && left <= 100);
  t.is(dict.get('a'), 4);
});

test('set with keepTtl sets no expiry when the key is new or has none', (t) => {
  const dict = makeDict(t);
  dict.set('new', 1, { keepTtl: true });
  t.is(dict.ttl('new'), 0);
  dict.set('new', 2, { keepTtl: true });
  t.is(dict.ttl('new'), 0);
});

test('set refuses wrong options and changes nothing', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  for (const wrong of ['1', true, Symbol('x'), () => 1, 1n]) {
    throwsArgType(t, () => dict.set('a', 2, wrong as never), String(wrong));
  }
  throwsArgType(t, () => dict.set('a', 2, { ttl: '5' } as never));
  throwsArgument(t, () => dict.set('a', 2, { ifVersion: 1 } as never));
  throwsArgument(t, () => dict.delete('a', { ifVersion: '1' } as never));
  t.is(dict.get('a'), 1);
});

test('set ignores options that are undefined', (t) => {
  const dict = makeDict(t);
  t.is(dict.set('a', 1, undefined), true);
  t.is(dict.set('a', 2, {}), true);
  t.is(dict.set('a', 3, { ttl: undefined, ifVersion: undefined } as never), true);
  t.is(dict.ttl('a'), 0);
});
