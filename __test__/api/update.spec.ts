import test from 'ava';
import { makeDict } from '../support/dict';
import { throwsArgType } from '../support/throws';

test('update stores what the function makes of the value, and gives it back', (t) => {
  const dict = makeDict(t);
  dict.set('a', { n: 1 });
  const result = dict.update('a', (value) => ({ n: (value as { n: number }).n + 1 }));
  t.deepEqual(result, { n: 2 });
  t.deepEqual(dict.get('a'), { n: 2 });
});

test('update calls the function with undefined for a missing key', (t) => {
  const dict = makeDict(t);
  t.is(
    dict.update('a', (value) => (value === undefined ? 'new' : 'old')),
    'new',
  );
  t.is(dict.get('a'), 'new');
});

test('update deletes the key if the function returns undefined', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  t.is(
    dict.update('a', () => undefined),
    undefined,
  );
  t.false(dict.has('a'));
  t.is(
    dict.update('missing', () => undefined),
    undefined,
  );
  t.false(dict.has('missing'));
});

test('update takes a TTL as a number or in options', (t) => {
  const dict = makeDict(t);
  dict.update('a', () => 1, 50);
  t.true((dict.ttl('a') as number) > 40);
  dict.update('b', () => 1, { ttl: 50 });
  t.true((dict.ttl('b') as number) > 40);
});

test('update calls the function again if somebody wrote in between', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  let calls = 0;
  const result = dict.update('a', (value) => {
    calls += 1;
    if (calls === 1) dict.set('a', 100);
    return (value as number) + 1;
  });
  t.is(calls, 2);
  t.is(result, 101);
  t.is(dict.get('a'), 101);
});

test('update of a missing key calls the function again if somebody added it in between', (t) => {
  const dict = makeDict(t);
  const result = dict.update('a', (value) => {
    if (value === undefined) dict.set('a', 1);
    return value === undefined ? 'lost' : (value as number) + 1;
  });
  t.is(result, 2);
});

test('an update that deletes does not delete what somebody wrote in between', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  dict.update('a', (value) => {
    if (value === 1) {
      dict.set('a', 2);
      return undefined;
    }
    return value;
  });
  t.is(dict.get('a'), 2);
});

test('a function that returns a promise throws and stores nothing', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  t.throws(() => dict.update('a', (async () => 2) as never));
  t.is(dict.get('a'), 1);
});

test('an error of the function comes through and the value stays', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  const thrown = new Error('mine');
  const error = t.throws(() =>
    dict.update('a', () => {
      throw thrown;
    }),
  );
  t.is(error, thrown);
  t.is(dict.get('a'), 1);
});

test('update without a function throws', (t) => {
  const dict = makeDict(t);
  throwsArgType(t, () => dict.update('a', undefined as never));
  throwsArgType(t, () => dict.update('a', 5 as never));
});
