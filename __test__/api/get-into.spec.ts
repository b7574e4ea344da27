import test from 'ava';
import { makeDict } from '../support/dict';
import { throwsArgType, throwsArgument, throwsShm } from '../support/throws';

test('getInto copies a binary value and returns its length', (t) => {
  const dict = makeDict(t);
  dict.set('a', Buffer.from('hello'));
  const target = Buffer.alloc(8, '-');
  t.is(dict.getInto('a', target), 5);
  t.is(target.toString(), 'hello---');
  t.is(dict.getInto('a', target, 3), 5);
  t.is(target.toString(), 'helhello');
});

test('getInto returns -1 and leaves the buffer alone when the key is missing', (t) => {
  const dict = makeDict(t);
  const target = Buffer.alloc(4, '-');
  t.is(dict.getInto('a', target), -1);
  t.is(target.toString(), '----');
});

test('getInto copies a string as UTF-8', (t) => {
  const dict = makeDict(t);
  for (const text of ['plain', 'café ÿ', 'Grüße aus 東京 😀', 'half \ud800 pair', '']) {
    dict.set('a', text);
    const expected = Buffer.from(text, 'utf8');
    const target = Buffer.alloc(100);
    t.is(dict.getInto('a', target), expected.length, JSON.stringify(text));
    t.deepEqual(target.subarray(0, expected.length), expected);
  }
});

test('getInto throws ERR_OUT_OF_RANGE when the buffer is one byte too short', (t) => {
  const dict = makeDict(t);
  dict.set('a', Buffer.alloc(1000, 7));
  dict.set('s', 'ü'.repeat(50));
  t.is(dict.getInto('a', Buffer.alloc(1000)), 1000);
  t.is(dict.getInto('s', Buffer.alloc(100)), 100);
  for (const [key, room] of [
    ['a', 999],
    ['s', 99],
    ['a', 0],
  ] as const) {
    const target = Buffer.alloc(room);
    t.throws(() => dict.getInto(key, target), { code: 'ERR_OUT_OF_RANGE' });
  }
  t.throws(() => dict.getInto('a', Buffer.alloc(1000), 1), { code: 'ERR_OUT_OF_RANGE' });
});

test('getInto writes to the right bytes when the buffer is a view with an offset', (t) => {
  const dict = makeDict(t);
  dict.set('a', Uint8Array.of(1, 2, 3));
  const memory = new Uint8Array(10);
  t.is(dict.getInto('a', memory.subarray(4, 8), 1), 3);
  t.deepEqual([...memory], [0, 0, 0, 0, 0, 1, 2, 3, 0, 0]);
});

test('getInto refuses wrong arguments', (t) => {
  const dict = makeDict(t);
  dict.set('a', 'x');
  throwsArgType(t, () => dict.getInto('a', 'buffer' as never));
  throwsArgType(t, () => dict.getInto('a', Buffer.alloc(1), '0' as never));
  for (const offset of [-1, 0.5, Number.NaN, 2]) throwsArgument(t, () => dict.getInto('a', Buffer.alloc(1), offset));
});

test('getInto throws ERR_SHM_WRONG_TYPE when the value is neither binary nor a string', (t) => {
  const dict = makeDict(t);
  dict.set('number', 1);
  dict.set('object', {});
  dict.rpush('list', 1);
  for (const key of ['number', 'object', 'list']) {
    throwsShm(t, () => dict.getInto(key, Buffer.alloc(100)), 'ERR_SHM_WRONG_TYPE');
  }
});
