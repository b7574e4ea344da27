import test from 'ava';
import { makeDict, openAgain } from '../support/dict';
import { throwsArgType, throwsArgValue, throwsShm } from '../support/throws';

const ITEMS = ['text', 7, 'wide \u{1F600}', Buffer.from('bytes'), '', -0.5, 'x'.repeat(30_000), 'y'.repeat(300)];

test('rpush of several items appends them in order and returns the new length', (t) => {
  const dict = makeDict(t);
  const reader = openAgain(t, dict, { readOnly: true });
  t.is(dict.rpush('l', 'first', 'second'), 2);
  t.is(dict.rpush('l', ...(ITEMS as ['text'])), 2 + ITEMS.length);
  t.deepEqual(reader.lrange('l'), ['first', 'second', ...ITEMS]);
  t.true(dict.verify().ok);
});

test('lpush of several items pushes them one after the other', (t) => {
  const dict = makeDict(t, { checksums: true });
  t.is(dict.lpush('l', 1, 2, 3), 3);
  t.is(dict.lpush('l', ...(ITEMS as ['text'])), 3 + ITEMS.length);
  t.deepEqual(dict.lrange('l'), [...ITEMS.toReversed(), 3, 2, 1]);
  t.true(dict.verify().ok);
});

test('pushes of several items at both ends, and pops, keep the order', (t) => {
  const dict = makeDict(t);
  const expected: number[] = [];
  for (let round = 0; round < 200; round += 1) {
    const items = Array.from({ length: (round % 13) + 2 }, (_, index) => round * 100 + index) as [number];
    if (round % 3 === 0) {
      dict.lpush('l', ...items);
      expected.unshift(...items.toReversed());
    } else {
      dict.rpush('l', ...items);
      expected.push(...items);
    }
    t.is(dict.lpop('l'), expected.shift());
    t.is(dict.rpop('l'), expected.pop());
  }
  t.deepEqual(dict.lrange('l'), expected);
  t.true(dict.verify().ok);
});

test('a push of 65,535 items is one change, and one more item is refused', (t) => {
  const dict = makeDict(t, { size: '16mb' });
  const items = Array.from({ length: 65_535 }, (_, index) => index) as [number];
  t.is(dict.rpush('l', ...items), 65_535);
  t.deepEqual(dict.lrange('l'), items);
  throwsArgValue(t, () => dict.rpush('l', ...items, 1));
  t.is(dict.llen('l'), 65_535);
});

test('a push of several items changes nothing when one is wrong or there is no room', (t) => {
  const dict = makeDict(t, { size: '128kb' });
  throwsArgType(t, () => dict.rpush('l', 1, true as never, 2));
  throwsArgType(t, () => (dict.rpush as (key: string) => number)('l'));
  t.false(dict.has('l'));
  dict.rpush('l', 'kept');
  throwsShm(t, () => dict.rpush('l', 'small', 'x'.repeat(40_000), 'x'.repeat(40_000), 'x'.repeat(40_000)), ['ERR_SHM_FULL', 'ERR_SHM_TOO_LARGE']);
  t.deepEqual(dict.lrange('l'), ['kept']);
  dict.set('s', 1);
  throwsShm(t, () => dict.rpush('s', 1, 2), 'ERR_SHM_WRONG_TYPE');
  t.true(dict.verify().ok);
});

test('a push of several items evicts others when the dictionary is full and evicts', (t) => {
  const dict = makeDict(t, { size: '256kb', onFull: 'evict' });
  for (let index = 0; index < 2000; index += 1) dict.set(`k${index}`, 'x'.repeat(200));
  t.is(dict.rpush('l', 'a'.repeat(20_000), 'b'.repeat(20_000), 'c'), 3);
  t.deepEqual(dict.lrange('l'), ['a'.repeat(20_000), 'b'.repeat(20_000), 'c']);
  t.true(dict.verify().ok);
});

test('getMany leaves lists out', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  dict.rpush('l', 1, 2);
  for (const handle of [dict, openAgain(t, dict, { localCache: false })]) {
    for (let round = 0; round < 3; round += 1) t.deepEqual([...handle.getMany(['l', 'a', 'l', 'm'])], [['a', 1]]);
  }
});
