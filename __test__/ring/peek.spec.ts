import test from 'ava';
import { SharedRing } from 'shmkit';
import { makeDir } from '../support/dict';

test('SharedRing: tryReceiveMany with peek leaves the messages, also for a read-only handle', async (t) => {
  const dir = makeDir(t);
  const ring = SharedRing.create('peeked', { size: 8192, dir });
  const reader = SharedRing.open('peeked', { dir, readOnly: true });
  t.teardown(() => [ring, reader].forEach((each) => each.close()));
  t.deepEqual(reader.tryReceiveMany(9, { peek: true }), []);
  ring.trySendMany(['one', 'two', '']);
  for (const each of [ring, reader]) t.deepEqual(each.tryReceiveMany(2, { peek: true }).map(String), ['one', 'two']);
  t.deepEqual(ring.tryReceiveMany(Number.MAX_SAFE_INTEGER, { peek: true }).map(String), ['one', 'two', '']);
  t.is(ring.stats().messages, 3);
  t.throws(() => reader.tryReceiveMany(1, { peek: false }), { code: 'ERR_SHM_READONLY' });
  t.deepEqual(ring.tryReceiveMany(9).map(String), ['one', 'two', '']);
  t.deepEqual(reader.tryReceiveMany(9, { peek: true }), []);
  // While a receiver waits.
  const waiting = ring.receive({ timeout: 60 });
  t.deepEqual(ring.tryReceiveMany(1, { peek: true }), []);
  ring.trySend('for the waiter');
  t.is(String(await waiting), 'for the waiter');
  t.throws(() => ring.tryReceiveMany(1, { peak: true } as never), { code: 'ERR_INVALID_ARG_VALUE', message: /nearest is "peek"/ });
  t.throws(() => ring.tryReceiveMany(1, { peek: 1 } as never), { code: 'ERR_INVALID_ARG_TYPE' });
});
