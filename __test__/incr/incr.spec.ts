import test from 'ava';
import { reach, now } from '../support/clock';
import { makeDict } from '../support/dict';
import { throwsArgument, throwsShm } from '../support/throws';

test('incr adds and returns the new value', (t) => {
  const dict = makeDict(t);
  dict.set('n', 5);
  t.is(dict.incr('n'), 6);
  t.is(dict.incr('n', 10), 16);
  t.is(dict.incr('n', -20), -4);
  t.is(dict.incr('n', 0.5), -3.5);
  t.is(dict.incr('n', 0), -3.5);
  t.is(dict.get('n'), -3.5);
});

test('incr does nothing when the key is missing and there is no init', (t) => {
  const dict = makeDict(t);
  t.is(dict.incr('n'), undefined);
  t.is(dict.incr('n', 5), undefined);
  t.is(dict.incr('n', 5, { ttl: 10 }), undefined);
  t.is(dict.incr('n', 5, 10), undefined);
  t.false(dict.has('n'));
});

test('incr adds to init when the key is missing', (t) => {
  const dict = makeDict(t);
  t.is(dict.incr('n', 1, { init: 0 }), 1);
  t.is(dict.incr('n', 1, { init: 100 }), 2);
  t.is(dict.incr('m', 5, { init: 10 }), 15);
  t.is(dict.incr('b', 5n, { init: 10n }), 15n);
  t.is(dict.incr('d', undefined, { init: 7 }), 8);
});

test('incr treats an expired key as missing', async (t) => {
  const dict = makeDict(t);
  dict.set('n', 5, 0.01);
  await reach(now() + 0.02);
  t.is(dict.incr('n'), undefined);
  dict.set('m', 5, 0.01);
  await reach(now() + 0.02);
  t.is(dict.incr('m', 1, { init: 0 }), 1);
  t.is(dict.ttl('m'), 0);
});

test('incr keeps the TTL of the key when none is given', (t) => {
  const dict = makeDict(t);
  dict.set('n', 1, 50);
  dict.incr('n');
  const left = dict.ttl('n') as number;
  t.true(left > 40 && left <= 50);
  dict.incr('n', 1, { init: 0 });
  t.true((dict.ttl('n') as number) > 40);
  dict.set('m', 1);
  dict.incr('m');
  t.is(dict.ttl('m'), 0);
});

test('incr with ttl replaces the TTL, also when it creates the key', (t) => {
  const dict = makeDict(t);
  dict.set('n', 1, 50);
  dict.incr('n', 1, { ttl: 500 });
  t.true((dict.ttl('n') as number) > 400);
  dict.incr('n', 1, 50);
  t.true((dict.ttl('n') as number) <= 50);
  dict.incr('n', 1, { ttl: 0 });
  t.is(dict.ttl('n'), 0);
  dict.incr('n', 1, { ttl: 50 });
  t.true((dict.ttl('n') as number) > 40);
  dict.incr('new', 1, { init: 0, ttl: 50 });
  t.true((dict.ttl('new') as number) > 40);
});

test('incr with initTtl sets the TTL only when it creates the key', (t) => {
  const dict = makeDict(t);
  dict.incr('n', 1, { init: 0, initTtl: 50 });
  t.true((dict.ttl('n') as number) > 40);
  dict.incr('n', 1, { init: 0, initTtl: 500 });
  t.true((dict.ttl('n') as number) <= 50);
  dict.set('m', 1);
  dict.incr('m', 1, { init: 0, initTtl: 50 });
  t.is(dict.ttl('m'), 0);
});

test('incr with initTtl starts again when the window has ended', async (t) => {
  const dict = makeDict(t);
  t.is(dict.incr('hits', 1, { init: 0, initTtl: 0.05 }), 1);
  t.is(dict.incr('hits', 1, { init: 0, initTtl: 0.05 }), 2);
  await reach(now() + 0.06);
  t.is(dict.incr('hits', 1, { init: 0, initTtl: 0.05 }), 1);
});

test('incr adds 1n by default when the value is a bigint', (t) => {
  const dict = makeDict(t);
  dict.set('b', 5n);
  t.is(dict.incr('b'), 6n);
  t.is(dict.incr('b', 10n), 16n);
  t.is(dict.incr('b', -16n), 0n);
  t.is(dict.get('b'), 0n);
  t.is(dict.incr('new', undefined, { init: 2n ** 60n }), 2n ** 60n + 1n);
});

test('incr throws ERR_SHM_WRONG_TYPE when numbers and bigints are mixed', (t) => {
  const dict = makeDict(t);
  dict.set('b', 5n);
  dict.set('n', 5);
  throwsShm(t, () => dict.incr('b', 1), 'ERR_SHM_WRONG_TYPE');
  throwsShm(t, () => dict.incr('n', 1n), 'ERR_SHM_WRONG_TYPE');
  t.is(dict.get('b'), 5n);
  t.is(dict.get('n'), 5);
});

test('incr throws ERR_SHM_WRONG_TYPE and changes nothing when the value is no number', (t) => {
  const dict = makeDict(t);
  for (const value of ['1', '', true, null, Buffer.from('1'), { n: 1 }, [1], new Date(1)]) {
    dict.set('v', value, 50);
    throwsShm(t, () => dict.incr('v'), 'ERR_SHM_WRONG_TYPE');
    throwsShm(t, () => dict.incr('v', 1, { init: 0, ttl: 5 }), 'ERR_SHM_WRONG_TYPE');
    t.deepEqual(dict.get('v'), value);
    t.true((dict.ttl('v') as number) > 40);
  }
  dict.rpush('list', 1);
  throwsShm(t, () => dict.incr('list'), 'ERR_SHM_WRONG_TYPE');
  t.deepEqual(dict.lrange('list'), [1]);
});

test('incr refuses a delta or init that is not finite, and changes nothing', (t) => {
  const dict = makeDict(t);
  dict.set('n', 1);
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '1', null, true, {}, [], 2n ** 63n]) {
    throwsArgument(t, () => dict.incr('n', wrong as never), String(wrong));
    throwsArgument(t, () => dict.incr('missing', 1, { init: wrong } as never), String(wrong));
  }
  t.is(dict.get('n'), 1);
  t.is(dict.size, 1);
});

test('incr throws ERR_SHM_OVERFLOW and changes nothing past the finite doubles', (t) => {
  const dict = makeDict(t);
  dict.set('n', Number.MAX_VALUE, 50);
  throwsShm(t, () => dict.incr('n', Number.MAX_VALUE), 'ERR_SHM_OVERFLOW');
  t.is(dict.get('n'), Number.MAX_VALUE);
  t.is(dict.incr('n', 1), Number.MAX_VALUE);
  dict.set('n', -Number.MAX_VALUE);
  throwsShm(t, () => dict.incr('n', -Number.MAX_VALUE, 5), 'ERR_SHM_OVERFLOW');
  t.is(dict.ttl('n'), 0);
  throwsShm(t, () => dict.incr('new', 1e308, { init: 1.7e308 }), 'ERR_SHM_OVERFLOW');
  t.false(dict.has('new'));
});

test('incr throws ERR_SHM_OVERFLOW and changes nothing past int64', (t) => {
  const dict = makeDict(t);
  dict.set('b', 2n ** 63n - 1n);
  throwsShm(t, () => dict.incr('b'), 'ERR_SHM_OVERFLOW');
  t.is(dict.get('b'), 2n ** 63n - 1n);
  dict.set('b', -(2n ** 63n));
  throwsShm(t, () => dict.incr('b', -1n), 'ERR_SHM_OVERFLOW');
  t.is(dict.get('b'), -(2n ** 63n));
});

test('incr throws ERR_SHM_OVERFLOW when the value is NaN or infinite', (t) => {
  const dict = makeDict(t);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    dict.set('n', value);
    throwsShm(t, () => dict.incr('n'), 'ERR_SHM_OVERFLOW');
    t.true(Object.is(dict.get('n'), value));
  }
});

test('incr adds doubles as JavaScript does', (t) => {
  const dict = makeDict(t);
  const numbers = [0.1, 2 ** 53, 1, -0, 5e-324, 8e307, -1.5, 1e-300];
  for (const start of numbers) {
    for (const delta of numbers) {
      dict.set('n', start);
      t.true(Object.is(dict.incr('n', delta), start + delta), `${start} + ${delta}`);
      t.true(Object.is(dict.get('n'), start + delta));
    }
  }
});

test('incr loses no increment when TTLs come and go', (t) => {
  const dict = makeDict(t);
  dict.set('n', 0);
  for (let count = 1; count <= 30_000; count += 1) {
    if (dict.incr('n') !== count) t.fail(`after ${count}`);
    if (count % 3 === 0) dict.expire('n', 50);
    if (count % 5 === 0) dict.expire('n', 0);
  }
  t.is(dict.get('n'), 30_000);
  t.true(dict.verify().ok);
});
