import test from 'ava';
import { reach, now } from '../support/clock';
import { makeDict } from '../support/dict';
import { throwsArgument } from '../support/throws';

test('ttl returns undefined when the key is missing, 0 without expiry, else seconds', (t) => {
  const dict = makeDict(t);
  t.is(dict.ttl('a'), undefined);
  dict.set('a', 1);
  t.is(dict.ttl('a'), 0);
  dict.set('a', 1, 10);
  const left = dict.ttl('a') as number;
  t.true(left > 9.9 && left <= 10, String(left));
});

test('TTL: every write takes it as a number or in options', (t) => {
  const dict = makeDict(t);
  const writes: Array<[string, () => unknown]> = [
    ['set', () => dict.set('a', 1, 50)],
    ['set with options', () => dict.set('a', 1, { ttl: 50 })],
    ['add', () => dict.add('a', 1, 50)],
    ['replace', () => (dict.set('a', 0), dict.replace('a', 1, 50))],
    ['swap', () => dict.swap('a', 1, 50)],
    ['incr', () => dict.incr('a', 1, { init: 0, ttl: 50 })],
    ['expire', () => (dict.set('a', 1), dict.expire('a', 50))],
  ];
  for (const [name, write] of writes) {
    dict.delete('a');
    write();
    const left = dict.ttl('a') as number;
    t.true(left > 49 && left <= 50, `${name}: ${left}`);
  }
});

test('TTL: 0, a negative one, or none means no expiry', (t) => {
  const dict = makeDict(t);
  for (const ttl of [0, -0, -1, -0.5, -1e9, undefined]) {
    dict.set('a', 1, 5);
    dict.set('a', 1, ttl);
    t.is(dict.ttl('a'), 0, String(ttl));
    dict.set('b', 1, { ttl } as never);
    t.is(dict.ttl('b'), 0, String(ttl));
    dict.delete('c');
    dict.add('c', 1, ttl);
    t.is(dict.ttl('c'), 0, String(ttl));
  }
});

test('TTL: one that is no finite number throws and changes nothing', (t) => {
  const dict = makeDict(t);
  dict.set('a', 'old', 50);
  for (const ttl of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '5', 5n, null, true, [5]]) {
    const title = String(ttl);
    throwsArgument(t, () => dict.set('a', 'new', { ttl } as never), title);
    throwsArgument(t, () => dict.expire('a', ttl as never), title);
    throwsArgument(t, () => dict.incr('n', 1, { init: 0, ttl } as never), title);
    throwsArgument(t, () => dict.incr('n', 1, { init: 0, initTtl: ttl } as never), title);
    if (ttl === null || Array.isArray(ttl)) continue;
    throwsArgument(t, () => dict.set('a', 'new', ttl as never), title);
    throwsArgument(t, () => dict.add('b', 'new', ttl as never), title);
    throwsArgument(t, () => dict.replace('a', 'new', ttl as never), title);
    throwsArgument(t, () => dict.swap('a', 'new', ttl as never), title);
  }
  t.is(dict.get('a'), 'old');
  t.true((dict.ttl('a') as number) > 40);
  t.is(dict.size, 1);
});

test('TTL: an expired key is missing for every call', async (t) => {
  const dict = makeDict(t);
  const keys = ['get', 'has', 'delete', 'take', 'swap', 'ttl', 'expire', 'replace', 'incr', 'getEntry', 'getInto'];
  for (const key of keys) dict.set(key, key, 0.02);
  dict.set('stays', 1);
  await reach(now() + 0.03);
  t.is(dict.get('get'), undefined);
  t.false(dict.has('has'));
  t.is(dict.size, 1);
  t.deepEqual(dict.getKeys(), ['stays']);
  t.deepEqual([...dict.entries()], [['stays', 1]]);
  t.is(dict.delete('delete'), false);
  t.is(dict.take('take'), undefined);
  t.is(dict.swap('swap', 1), undefined);
  t.is(dict.ttl('ttl'), undefined);
  t.is(dict.expire('expire', 5), false);
  t.is(dict.replace('replace', 1), false);
  t.is(dict.incr('incr'), undefined);
  t.is(dict.getEntry('getEntry'), undefined);
  t.is(dict.getInto('getInto', Buffer.alloc(10)), -1);
  t.is(dict.getMany(keys).size, 1);
});

test('add stores when the key has expired', async (t) => {
  const dict = makeDict(t);
  dict.set('a', 1, 0.01);
  await reach(now() + 0.02);
  t.true(dict.add('a', 2));
  t.is(dict.get('a'), 2);
  t.is(dict.ttl('a'), 0);
  dict.set('b', 1, 0.01);
  await reach(now() + 0.02);
  t.true(dict.set('b', 2, { ifAbsent: true }));
  t.false(dict.set('missing', 2, { ifPresent: true }));
});

test('expire sets, replaces and clears the expiry of a live key', (t) => {
  const dict = makeDict(t);
  t.is(dict.expire('a', 5), false);
  dict.set('a', 'x'.repeat(300));
  t.is(dict.expire('a', 50), true);
  t.true((dict.ttl('a') as number) > 40);
  t.is(dict.expire('a', 500), true);
  t.true((dict.ttl('a') as number) > 400);
  t.is(dict.expire('a', 0), true);
  t.is(dict.ttl('a'), 0);
  dict.expire('a', 50);
  t.is(dict.expire('a', -1), true);
  t.is(dict.ttl('a'), 0);
  t.is(dict.get('a'), 'x'.repeat(300));
});

test('expire throws when the TTL is missing', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1, 50);
  throwsArgument(t, () => dict.expire('a', undefined as never));
  t.true((dict.ttl('a') as number) > 40);
});

test('TTL: large ones are not cut to 32 bits', (t) => {
  const dict = makeDict(t);
  for (const ttl of [2 ** 31 / 1000, 2 ** 31, 2 ** 32, 1e9, 2 ** 33]) {
    dict.set('a', 1, ttl);
    t.is(dict.get('a'), 1);
    const left = dict.ttl('a') as number;
    t.true(left > ttl - 1 && left <= ttl, `${ttl}: ${left}`);
  }
});

test('TTL: one past the range of the clock never expires', (t) => {
  const dict = makeDict(t);
  for (const ttl of [1e12, 2 ** 53, Number.MAX_VALUE]) {
    dict.set('a', 1, ttl);
    t.is(dict.get('a'), 1, String(ttl));
    const left = dict.ttl('a') as number;
    t.true(left === 0 || left > 1e8, `${ttl}: ${left}`);
  }
});

test('TTL: one below the resolution of the clock expires', async (t) => {
  const dict = makeDict(t);
  for (const ttl of [1e-9, 1e-12, Number.MIN_VALUE]) {
    dict.set('a', 1, ttl);
    await reach(now() + 0.002);
    t.is(dict.get('a'), undefined, String(ttl));
  }
});

test('TTL: jumps of the wall clock have no effect', async (t) => {
  const dict = makeDict(t);
  const real = Date.now;
  t.teardown(() => {
    Date.now = real;
  });
  dict.set('a', 1, 100);
  dict.set('b', 1, 0.02);
  Date.now = () => real() + 365 * 86_400_000;
  t.is(dict.get('a'), 1);
  t.true((dict.ttl('a') as number) > 90);
  Date.now = () => real() - 365 * 86_400_000;
  await reach(now() + 0.03);
  t.is(dict.get('b'), undefined);
  t.is(dict.get('a'), 1);
});

test('ttl returns more than 0 as long as the key is there', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1, 0.05);
  for (let left = dict.ttl('a'); left !== undefined; left = dict.ttl('a')) {
    if (!(left > 0 && left <= 0.05)) t.fail(String(left));
  }
  t.is(dict.get('a'), undefined);
});
