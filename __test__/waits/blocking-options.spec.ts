import test from 'ava';
import { lockFileSync, SharedMutex, SharedRing, SharedSemaphore } from 'shmkit';
import { makeFile } from '../support/file';
import { nameFor } from '../support/names';
import { makeRing } from '../support/ring';
import { throwsArgument } from '../support/throws';

const SHORT = 0.01;

test('calls that block take the options of their asynchronous twins, or a number as timeout', (t) => {
  const mutex = SharedMutex.create(nameFor(t, SharedMutex));
  const semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 3);
  const ring: SharedRing = makeRing(t);
  t.teardown(() => mutex.close());
  t.teardown(() => semaphore.close());
  mutex.tryLock();
  const file = makeFile(t, 'content');
  const held = lockFileSync(file, { timeout: SHORT });
  t.truthy(held);
  const calls: Array<[(options: never) => unknown, unknown]> = [
    [(options) => mutex.lockSync(options), null],
    [(options) => semaphore.acquireSync({ n: 4, ...(typeof options === 'number' ? { timeout: options } : (options as object)) }), false],
    [(options) => ring.receiveSync(options), null],
    [(options) => ring.sendSync(Buffer.alloc(50_000), options), true],
    [(options) => lockFileSync(file, options), null],
  ];
  for (const [call, outcome] of calls) {
    ring.tryReceiveMany(10);
    t.is(call(SHORT as never), outcome);
    ring.tryReceiveMany(10);
    t.is(call({ timeout: SHORT, ref: true } as never), outcome);
    const error = t.throws(() => call({ timeout: SHORT, signal: AbortSignal.abort() } as never)) as Error;
    t.is(error.name, 'AbortError');
    throwsArgument(t, () => call({ timeout: -1 } as never));
    throwsArgument(t, () => call({ timeout: 'soon' } as never));
    throwsArgument(t, () => call({ timeout: SHORT, signal: 1 } as never));
  }
  t.true(semaphore.acquireSync({ n: 3 }));
  t.is(semaphore.value, 0);
  t.false(semaphore.acquireSync(SHORT));
});
