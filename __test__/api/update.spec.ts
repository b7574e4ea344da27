import test from 'ava';
import { makeDict } from '../support/dict';
import { throwsArgType } from '../support/throws';

test('update stores what the function returns, and returns it', (t) => {
  const dict = makeDict(t);
  dict.set('a', { n: 1 });
  const result = dict.update('a', (value) => ({ n: (value as { n: number }).n + 1 }));
  t.deepEqual(result, { n: 2 });
  t.deepEqual(dict.get('a'), { n: 2 });
});

test('update calls the function with undefined when the key is missing', (t) => {
  const dict = makeDict(t);
  t.is(
    dict.update('a', (value) => (value === undefined ? 'new' : 'old')),
    'new',
  );
  t.is(dict.get('a'), 'new');
});

test('update deletes the key when the function returns undefined', (t) => {
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

test('update calls the function again when the key was written meanwhile', (t) => {
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

test('update calls the function again when the missing key was added meanwhile', (t) => {
  const dict = makeDict(t);
  const result = dict.update('a', (value) => {
    if (value === undefined) dict.set('a', 1);
    return value === undefined ? 'lost' : (value as number) + 1;
  });
  t.is(result, 2);
});

test('update does not delete a value that was written meanwhile', (t) => {
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

test('update throws and stores nothing when the function returns a promise', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  t.throws(() => dict.update('a', (async () => 2) as never));
  t.is(dict.get('a'), 1);
});

test('update passes on an error of the function and keeps the value', (t) => {
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

test('update throws ERR_INVALID_ARG_TYPE when there is no function', (t) => {
  const dict = makeDict(t);
  throwsArgType(t, () => dict.update('a', undefined as never));
  throwsArgType(t, () => dict.update('a', 5 as never));
});
