import test, { type ExecutionContext } from 'ava';
import { makeDict } from '../support/dict';
import { throwsArgType, throwsArgument } from '../support/throws';

function filled(t: ExecutionContext<unknown>, count: number, size = '4mb') {
  const dict = makeDict(t, { size });
  const model = new Map<string, unknown>();
  for (let index = 0; index < count; index += 1) {
    dict.set(`key-${index}`, index);
    model.set(`key-${index}`, index);
  }
  return { dict, model };
}

function sorted(entries: Iterable<[string, unknown]>): Array<[string, unknown]> {
  return [...entries].toSorted(([left], [right]) => (left < right ? -1 : 1));
}

function byNumber(left: unknown, right: unknown): number {
  return Number(left) - Number(right);
}

test('getKeys returns every key, or at most as many as asked for', (t) => {
  const { dict, model } = filled(t, 1000);
  for (const name of ['getKeys', 'get_keys'] as const) {
    t.deepEqual(dict[name]().toSorted(), [...model.keys()].toSorted());
    t.is(dict[name](0).length, 1000);
    t.is(dict[name](10).length, 10);
    t.is(new Set(dict[name](500)).size, 500);
    t.is(dict[name](5000).length, 1000);
  }
  for (const max of ['1', -1, 0.5, Number.NaN]) throwsArgument(t, () => dict.getKeys(max as never), String(max));
});

test('keys, values, entries and the iterator yield what those of a Map do', (t) => {
  const { dict, model } = filled(t, 1000);
  t.deepEqual([...dict.keys()].toSorted(), [...model.keys()].toSorted());
  t.deepEqual([...dict.values()].toSorted(byNumber), [...model.values()].toSorted(byNumber));
  t.deepEqual(sorted(dict.entries()), sorted(model));
  t.deepEqual(sorted(dict), sorted(model));
});

test('keys, values and entries return iterators that are iterable', (t) => {
  const { dict } = filled(t, 3);
  for (const iterator of [dict.keys(), dict.values(), dict.entries(), dict[Symbol.iterator]()]) {
    t.is((iterator as Iterable<unknown>)[Symbol.iterator](), iterator as Iterator<unknown>);
    const first = iterator.next();
    t.false(first.done);
    iterator.next();
    iterator.next();
    t.deepEqual(iterator.next(), { done: true, value: undefined });
    t.deepEqual(iterator.next(), { done: true, value: undefined });
  }
});

test('forEach passes value, key and dictionary, as a Map does', (t) => {
  const { dict, model } = filled(t, 100);
  const seen = new Map<string, unknown>();
  const self = {};
  t.is(
    dict.forEach(function (this: unknown, value, key, owner) {
      t.is(this, self);
      t.is(owner, dict);
      seen.set(key, value);
    }, self),
    undefined,
  );
  t.deepEqual(sorted(seen), sorted(model));
  throwsArgType(t, () => dict.forEach(5 as never));
});

test('keys with prefix yields the keys that begin with it', (t) => {
  const dict = makeDict(t);
  for (const key of ['user:1', 'user:2', 'use', 'USER:1', 'xuser:1', 'üser:1', 'ü', '東:1', '東', '東京', '\ud83d\ude00']) dict.set(key, 1);
  const withPrefix = (prefix: string) => [...dict.keys({ prefix })].toSorted();
  t.deepEqual(withPrefix('user:'), ['user:1', 'user:2']);
  t.deepEqual(withPrefix('use'), ['use', 'user:1', 'user:2']);
  t.deepEqual(withPrefix('ü'), ['ü', 'üser:1']);
  t.deepEqual(withPrefix('東'), ['東', '東:1', '東京'].toSorted());
  t.deepEqual(withPrefix('\ud83d'), ['\ud83d\ude00']);
  t.deepEqual(withPrefix('none'), []);
  t.is(withPrefix('').length, 11);
  throwsArgType(t, () => [...dict.keys({ prefix: 5 as never })]);
});

test('iteration: an empty dictionary yields nothing', (t) => {
  const dict = makeDict(t);
  t.deepEqual([...dict], []);
  t.deepEqual(dict.getKeys(), []);
  t.deepEqual([...dict.keys({ prefix: 'a' })], []);
});

test('iteration: a key that is present throughout is yielded exactly once', (t) => {
  const { dict } = filled(t, 3000);
  const times = new Map<string, number>();
  let step = 0;
  for (const key of dict.keys()) {
    times.set(key, (times.get(key) ?? 0) + 1);
    step += 1;
    dict.set(`new-${step}`, 'x'.repeat(step % 300));
    if (step % 3 === 0) dict.delete(`new-${step - 2}`);
    dict.set(`key-${(step * 7) % 3000}`, 'y'.repeat(step % 500));
    if (step > 20_000) break;
  }
  for (let index = 0; index < 3000; index += 1) {
    if (times.get(`key-${index}`) !== 1) t.fail(`key-${index} came ${times.get(`key-${index}`) ?? 0} times`);
  }
  t.true(dict.verify().ok);
});

test('iteration: every key is yielded when each is deleted as it comes', (t) => {
  const { dict } = filled(t, 2000);
  const seen = new Set<string>();
  for (const [key] of dict.entries()) {
    seen.add(key);
    dict.delete(key);
  }
  t.is(seen.size, 2000);
  t.is(dict.size, 0);
});

test('iteration: it ends when the dictionary is cleared', (t) => {
  const { dict } = filled(t, 5000);
  let count = 0;
  for (const key of dict.keys()) {
    count += 1;
    t.truthy(key);
    if (count === 10) dict.clear();
  }
  // An iterator reads some thousand keys ahead, and no more than that.
  t.true(count >= 10 && count < 1100, `${count} keys`);
  t.is(dict.size, 0);
});

test('iteration: it can be left in the middle', (t) => {
  const { dict } = filled(t, 100);
  for (const key of dict.keys()) {
    t.truthy(key);
    break;
  }
  const [first] = dict.values();
  t.is(typeof first, 'number');
  t.true(dict.set('after', 1));
});

test('iteration: it throws ERR_SHM_CLOSED when the handle is closed meanwhile', (t) => {
  const { dict } = filled(t, 5000);
  t.throws(
    () => {
      for (const key of dict.keys()) if (key) dict.close();
    },
    { code: 'ERR_SHM_CLOSED' },
  );
});

test('iteration: two at once do not disturb each other', (t) => {
  const { dict } = filled(t, 300);
  let pairs = 0;
  for (const left of dict.keys()) for (const right of dict.keys()) if (left && right) pairs += 1;
  t.is(pairs, 90_000);
});

test('iteration: large values are yielded whole', (t) => {
  const dict = makeDict(t, { size: '8mb' });
  for (let index = 0; index < 20; index += 1) dict.set(`k${index}`, String(index).padStart(100_000, '-'));
  for (const [key, value] of dict) t.is(value, key.slice(1).padStart(100_000, '-'));
});

test('getKeys returns a hundred thousand keys', (t) => {
  const { dict } = filled(t, 100_000, '32mb');
  t.is(new Set(dict.getKeys()).size, 100_000);
  t.is(new Set(dict.keys()).size, 100_000);
});
