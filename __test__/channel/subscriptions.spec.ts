import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { SharedChannel } from 'shmkit';
import { hear, makeChannel } from '../support/channel';
import { rejectsShm } from '../support/throws';

const ENDED = { done: true, value: undefined };

test('SharedChannel: a subscription is in effect from the call on', async (t) => {
  const channel = makeChannel(t);
  channel.post('before');
  const subscription = channel.subscribe();
  channel.post('after');
  t.deepEqual(await hear(subscription, 1), [{ value: 'after', sequence: 2n, missed: 0 }]);
});

test('SharedChannel: calls of next that wait are served in order', async (t) => {
  const channel = makeChannel(t);
  const subscription = channel.subscribe();
  const waiting = [subscription.next(), subscription.next(), subscription.next()];
  await setImmediate();
  for (const value of [1, 2, 3]) channel.post(value);
  t.deepEqual((await Promise.all(waiting)).map(({ value }) => value.value), [1, 2, 3]);
});

test('SharedChannel: break, return, a signal and close end a subscription, also one that waits', async (t) => {
  const channel = makeChannel(t);
  const other = SharedChannel.open(channel.name);
  const controller = new AbortController();
  const [left, returned, aborted, closed] = [channel.subscribe(), channel.subscribe(), channel.subscribe({ signal: controller.signal }), other.subscribe()];
  const waiting = [returned, aborted, closed].map((subscription) => subscription.next());
  await setImmediate();
  t.deepEqual(await returned.return?.(), ENDED);
  controller.abort();
  other.close();
  t.deepEqual(await Promise.all(waiting), [ENDED, ENDED, ENDED] as never);
  channel.post('one');
  channel.post('two');
  for await (const message of left) {
    t.is(message.value, 'one');
    break;
  }
  for (const subscription of [left, returned, aborted, closed]) t.deepEqual(await subscription.next(), ENDED as never);
  t.deepEqual(await channel.subscribe({ signal: AbortSignal.abort() }).next(), ENDED as never);
});

test('SharedChannel: a subscription of a replaced channel rejects with ERR_SHM_RETIRED', async (t) => {
  const channel = makeChannel(t);
  const subscription = channel.subscribe();
  const waiting = subscription.next();
  await setImmediate();
  SharedChannel.create(channel.name, { size: 4096, replace: true }).close();
  await rejectsShm(t, waiting, 'ERR_SHM_RETIRED');
  await rejectsShm(t, subscription.next(), 'ERR_SHM_RETIRED');
});

test('SharedChannel: a thousand subscriptions of one process wait and hear every message', async (t) => {
  const channel = makeChannel(t);
  const subscriptions = Array.from({ length: 1000 }, () => channel.subscribe());
  const waiting = subscriptions.map((subscription) => hear(subscription, 2));
  await setImmediate();
  channel.post('one');
  channel.post('two');
  for (const heard of await Promise.all(waiting)) t.deepEqual(heard.map(({ value }) => value), ['one', 'two']);
});
