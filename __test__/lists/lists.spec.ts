import test from 'ava';
import { reach, now } from '../support/clock';
import { fastest } from '../support/clock';
import { makeDict, openAgain } from '../support/dict';
import { countUntilFull } from '../support/fill';
import { throwsArgType, throwsArgument, throwsShm } from '../support/throws';
import { seeded } from '../support/random';

test('lpush and rpush return the new length', (t) => {
  const dict = makeDict(t);
  t.is(dict.rpush('l', 'b'), 1);
  t.is(dict.rpush('l', 'c'), 2);
  t.is(dict.lpush('l', 'a'), 3);
  t.deepEqual(dict.lrange('l'), ['a', 'b', 'c']);
  t.is(dict.llen('l'), 3);
});

test('lpop and rpop return the item, and undefined when the list is empty', (t) => {
  const dict = makeDict(t);
  for (const item of [1, 2, 3]) dict.rpush('l', item);
  t.is(dict.lpop('l'), 1);
  t.is(dict.rpop('l'), 3);
  t.is(dict.lpop('l'), 2);
  t.is(dict.lpop('l'), undefined);
  t.is(dict.rpop('l'), undefined);
  t.is(dict.llen('l'), 0);
  t.false(dict.has('l'));
});

test('llen and lrange find nothing when the list is missing', (t) => {
  const dict = makeDict(t);
  t.is(dict.llen('l'), 0);
  t.deepEqual(dict.lrange('l'), []);
  t.is(dict.lpop('l'), undefined);
});

test('lists: strings, numbers and Buffers come back exact', (t) => {
  const dict = makeDict(t);
  const items = ['', 'text', '東京', '\ud800', 'ÿ', 0, -0, Number.NaN, 1.5, Number.POSITIVE_INFINITY, Buffer.from('b\0'), Buffer.alloc(0), 'x'.repeat(5000)];
  for (const item of items) dict.rpush('l', item);
  t.deepEqual(dict.lrange('l'), items);
  for (const item of items) t.deepEqual(dict.lpop('l'), item);
});

test('lists: items of other types are refused', (t) => {
  const dict = makeDict(t);
  dict.rpush('l', 1);
  for (const item of [undefined, null, true, {}, [], Symbol('s'), () => 1]) {
    throwsArgType(t, () => dict.rpush('l', item as never), String(typeof item));
    throwsArgType(t, () => dict.lpush('l', item as never), String(typeof item));
  }
  t.is(dict.llen('l'), 1);
});

test('lrange includes both ends, and counts negative ones from the end', (t) => {
  const dict = makeDict(t);
  const items = Array.from({ length: 10 }, (_, index) => index);
  for (const item of items) dict.rpush('l', item);
  for (const [start, stop, expected] of [
    [0, -1, items],
    [0, 0, [0]],
    [2, 4, [2, 3, 4]],
    [-3, -1, [7, 8, 9]],
    [-3, 8, [7, 8]],
    [5, 2, []],
    [10, 20, []],
    [8, 100, [8, 9]],
    [-100, 1, [0, 1]],
    [-100, -50, []],
  ] as const) {
    t.deepEqual(dict.lrange('l', start, stop), expected, `${start}..${stop}`);
  }
  t.deepEqual(dict.lrange('l', 7), [7, 8, 9]);
  for (const wrong of ['0', 0.5, Number.NaN]) throwsArgument(t, () => dict.lrange('l', wrong as never));
});

test('lists: list calls throw ERR_SHM_WRONG_TYPE when the value is no list', (t) => {
  const dict = makeDict(t);
  for (const value of ['text', 1, { a: 1 }, [1, 2], null]) {
    dict.set('v', value);
    throwsShm(t, () => dict.lpush('v', 1), 'ERR_SHM_WRONG_TYPE');
    throwsShm(t, () => dict.rpush('v', 1), 'ERR_SHM_WRONG_TYPE');
    throwsShm(t, () => dict.lpop('v'), 'ERR_SHM_WRONG_TYPE');
    throwsShm(t, () => dict.rpop('v'), 'ERR_SHM_WRONG_TYPE');
    throwsShm(t, () => dict.llen('v'), 'ERR_SHM_WRONG_TYPE');
    throwsShm(t, () => dict.lrange('v'), 'ERR_SHM_WRONG_TYPE');
    t.deepEqual(dict.get('v'), value);
  }
});

test('lists: value calls throw ERR_SHM_WRONG_TYPE when the value is a list', (t) => {
  const dict = makeDict(t);
  dict.rpush('l', 1);
  const calls: Array<() => unknown> = [
    () => dict.get('l'),
    () => dict.getEntry('l'),
    () => dict.getStale('l'),
    () => dict.take('l'),
    () => dict.swap('l', 1),
    () => dict.update('l', () => 1),
    () => dict.incr('l'),
  ];
  for (const call of calls) throwsShm(t, call, 'ERR_SHM_WRONG_TYPE');
  t.deepEqual(dict.lrange('l'), [1]);
});

test('lists: set, has, delete, ttl and expire work', async (t) => {
  const dict = makeDict(t);
  dict.rpush('l', 1);
  t.true(dict.has('l'));
  t.is(dict.ttl('l'), 0);
  t.true(dict.expire('l', 50));
  t.true((dict.ttl('l') as number) > 40);
  dict.rpush('l', 2);
  t.true((dict.ttl('l') as number) > 40);
  t.deepEqual(dict.lrange('l'), [1, 2]);
  t.is(dict.size, 1);
  t.true(dict.delete('l'));
  t.false(dict.has('l'));
  dict.rpush('l', 1);
  t.true(dict.set('l', 'now a string'));
  t.is(dict.get('l'), 'now a string');
  dict.delete('l');
  dict.rpush('l', 1);
  dict.expire('l', 0.01);
  await reach(now() + 0.02);
  t.false(dict.has('l'));
  t.is(dict.llen('l'), 0);
  t.is(dict.rpush('l', 'new'), 1);
  t.is(dict.ttl('l'), 0);
});

test('lists: iterators yield a list as an array', (t) => {
  const dict = makeDict(t);
  dict.rpush('l', 'a');
  dict.rpush('l', 2);
  t.deepEqual([...dict.entries()], [['l', ['a', 2]]]);
  t.deepEqual([...dict.values()], [['a', 2]]);
  t.deepEqual(dict.getKeys(), ['l']);
});

test('lists: a long list works as a queue and as a stack', (t) => {
  const dict = makeDict(t, { size: '4mb' });
  const count = 20_000;
  for (let index = 0; index < count; index += 1) {
    if (dict.rpush('queue', `item-${index}`) !== index + 1) t.fail(`push ${index}`);
  }
  t.is(dict.llen('queue'), count);
  t.deepEqual(dict.lrange('queue', -2), [`item-${count - 2}`, `item-${count - 1}`]);
  for (let index = 0; index < count; index += 1) {
    if (dict.lpop('queue') !== `item-${index}`) t.fail(`pop ${index}`);
  }
  t.is(dict.llen('queue'), 0);
  for (let index = 0; index < count; index += 1) dict.lpush('stack', index);
  for (let index = count - 1; index >= 0; index -= 1) {
    if (dict.lpop('stack') !== index) t.fail(`stack ${index}`);
  }
  t.true(dict.verify().ok);
});

test('lists: a queue that is filled and emptied again and again takes no more memory', (t) => {
  const dict = makeDict(t, { size: '64kb' });
  for (let index = 0; index < 20_000; index += 1) {
    dict.rpush('q', `item-${index}`);
    if (index >= 10 && dict.lpop('q') !== `item-${index - 10}`) t.fail(`item ${index}`);
  }
  t.is(dict.llen('q'), 10);
  t.true(dict.verify().ok);
});

test('lists: a push and a pop cost as little on a long list as on a short one', (t) => {
  const dict = makeDict(t, { size: '64mb' });
  for (let index = 0; index < 100_000; index += 1) dict.rpush('long', 'item');
  dict.rpush('short', 'item');
  const time = (key: string) => {
    const start = process.hrtime.bigint();
    for (let index = 0; index < 5000; index += 1) {
      dict.rpush(key, 'item');
      dict.lpop(key);
      dict.lpush(key, 'item');
      dict.rpop(key);
    }
    return Number(process.hrtime.bigint() - start);
  };
  const ratio = fastest(() => time('long')) / fastest(() => time('short'));
  t.true(ratio < 10, `${ratio.toFixed(1)} times as slow`);
});

test('lists: a random history through two handles has the same results as an array', async (t) => {
  const random = seeded(t);
  const dict = makeDict(t, { size: '1mb' });
  const other = openAgain(t, dict);
  const model: unknown[] = [];
  for (let step = 0; step < 10_000; step += 1) {
    const handle = random(2) ? dict : other;
    const item = random(2) ? step : `item ${'x'.repeat(random(100))}`;
    switch (random(9)) {
      case 0:
      case 1:
        if (handle.lpush('l', item) !== model.unshift(item)) t.fail(`lpush ${step}`);
        break;
      case 2:
      case 3:
        if (handle.rpush('l', item) !== model.push(item)) t.fail(`rpush ${step}`);
        break;
      case 4:
      case 5:
        if (handle.lpop('l') !== model.shift()) t.fail(`lpop ${step}`);
        break;
      case 6:
      case 7:
        if (handle.rpop('l') !== model.pop()) t.fail(`rpop ${step}`);
        break;
      default:
        if (handle.llen('l') !== model.length) t.fail(`llen ${step}`);
        if (step % 10 === 0) t.deepEqual(handle.lrange('l'), model);
    }
  }
  t.deepEqual(dict.lrange('l'), model);
  t.true(dict.verify().ok);
});

test('lists: a push changes nothing when there is no room', (t) => {
  const dict = makeDict(t, { size: '64kb' });
  const count = countUntilFull(() => dict.rpush('l', 'x'.repeat(500)));
  t.is(dict.llen('l'), count);
  t.is(dict.lrange('l').length, count);
  t.is(dict.lpop('l'), 'x'.repeat(500));
  t.is(dict.rpush('l', 'y'), count);
});
