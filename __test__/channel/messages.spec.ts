import test from 'ava';
import { SharedChannel } from 'shmkit';
import { hear, makeChannel } from '../support/channel';
import { throwsShm } from '../support/throws';

const VALUES = ['text', 'wide 東', '', 7, -0.5, Number.NaN, true, false, null, 12n, -(2n ** 63n), Buffer.from('bytes'), { a: [1, new Date(5), new Map([[1, 2]])] }, [], Buffer.alloc(3000, 7)];

test('SharedChannel: every subscriber hears every value, with ascending sequence numbers', async (t) => {
  const channel = makeChannel(t);
  const other = SharedChannel.open(channel.name);
  const subscriptions = [channel.subscribe(), channel.subscribe(), other.subscribe({ from: 'now' })];
  VALUES.forEach((value, index) => t.is(channel.post(value), BigInt(index) + 1n));
  for (const subscription of subscriptions) {
    const messages = await hear(subscription, VALUES.length);
    t.deepEqual(messages.map(({ value }) => value), VALUES);
    t.deepEqual(messages.map(({ sequence, missed }) => [sequence, missed]), VALUES.map((_, index) => [BigInt(index) + 1n, 0]));
  }
  t.like(channel.stats(), { capacity: 65_536, messages: VALUES.length, posted: VALUES.length, takeovers: 0, processes: 1 });
  other.close();
});

test('SharedChannel: a value that cannot be stored throws and posts nothing', (t) => {
  const channel = makeChannel(t);
  for (const value of [undefined, () => {}, Symbol('x')]) t.throws(() => channel.post(value), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => channel.post(2n ** 64n), { code: 'ERR_OUT_OF_RANGE' });
  t.is(channel.stats().posted, 0);
});

test('SharedChannel: post throws ERR_SHM_TOO_LARGE above a quarter of the ring', async (t) => {
  const channel = makeChannel(t);
  const subscription = channel.subscribe();
  channel.post(Buffer.alloc(16_384 - 16));
  const error = throwsShm(t, () => channel.post(Buffer.alloc(16_384 - 15)), 'ERR_SHM_TOO_LARGE');
  t.like(error, { size: 16_369, limit: 16_368, object: { kind: 'channel', name: channel.name } });
  channel.post('next');
  t.deepEqual((await hear(subscription, 2)).map(({ sequence }) => sequence), [1n, 2n]);
});

test('SharedChannel: a subscriber that is too slow is told exactly how many messages it missed', async (t) => {
  const channel = makeChannel(t, '4kb');
  const subscription = channel.subscribe();
  for (let number = 1; number <= 1000; number += 1) channel.post(number);
  const { messages } = channel.stats();
  const heard = await hear(subscription, messages);
  t.deepEqual(heard.map(({ value }) => value), Array.from({ length: messages }, (_, index) => 1001 - messages + index));
  t.is(heard[0]?.missed, 1000 - messages);
  t.true(heard.slice(1).every(({ missed }) => missed === 0));
  channel.post('next');
  t.deepEqual(await hear(subscription, 1), [{ value: 'next', sequence: 1001n, missed: 0 }]);
});

test('SharedChannel: a subscription from the oldest starts with what is still there', async (t) => {
  const channel = makeChannel(t, '4kb');
  for (let number = 1; number <= 1000; number += 1) channel.post(number);
  const { messages } = channel.stats();
  const heard = await hear(channel.subscribe({ from: 'oldest' }), messages);
  t.deepEqual([heard[0]?.missed, heard[0]?.sequence, heard.at(-1)?.sequence], [0, BigInt(1001 - messages), 1000n]);
});

test('SharedChannel: subscribe refuses unknown options and values', (t) => {
  const channel = makeChannel(t);
  t.throws(() => channel.subscribe({ from: 'later' as never }), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => channel.subscribe({ since: 'now' } as never), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => channel.subscribe({ signal: {} as never }), { code: 'ERR_INVALID_ARG_TYPE' });
});
