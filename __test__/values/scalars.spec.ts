import test from 'ava';
import { makeDict } from '../support/dict';
import { throwsArgument } from '../support/throws';

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  5e-324,
  1e308,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  Math.PI,
];

const BIGINTS = [0n, 1n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];

for (const localCache of [true, false]) {
  const title = localCache ? 'with the local cache' : 'without the local cache';

  test(`scalars: every double comes back as itself ${title}`, (t) => {
    const dict = makeDict(t, { localCache });
    for (const number of NUMBERS) {
      dict.set('n', number);
      t.true(Object.is(dict.get('n'), number), String(number));
      t.true(Object.is(dict.get('n'), number), `again: ${number}`);
    }
  });

  test(`scalars: booleans, null and int64 bigints come back as themselves ${title}`, (t) => {
    const dict = makeDict(t, { localCache });
    for (const value of [true, false, null, ...BIGINTS]) {
      dict.set('v', value);
      t.is(dict.get('v'), value);
      t.is(dict.get('v'), value);
    }
  });
}

test('scalars: a bigint outside int64 is refused, and the previous value stays', (t) => {
  const dict = makeDict(t);
  dict.set('v', 1n);
  for (const value of [2n ** 63n, -(2n ** 63n) - 1n, 2n ** 64n, 2n ** 200n]) {
    throwsArgument(t, () => dict.set('v', value));
  }
  t.is(dict.get('v'), 1n);
});

test('scalars: a value can change its type', (t) => {
  const dict = makeDict(t);
  const values = [1, 'text', 2n, true, null, Buffer.from('b'), { o: 1 }, '', 0, 'x'.repeat(10_000), false];
  for (const first of values) {
    for (const second of values) {
      dict.set('v', first);
      dict.set('v', second);
      t.deepEqual(dict.get('v'), second);
    }
  }
});
