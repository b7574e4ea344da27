import test from 'ava';
import { claimAll, claimed, makeQueue, openQueue } from '../support/queue';
import { throwsShm } from '../support/throws';

const VALUES = ['text', 'wide 東', '', 7, true, null, 12n, Buffer.from('bytes'), { a: [1, new Date(5)] }, Buffer.alloc(20_000, 7)];

test('SharedQueue: jobs are handed out in order, with their values', (t) => {
  const queue = makeQueue(t);
  const other = openQueue(t, queue);
  t.deepEqual(VALUES.map((value) => queue.push(value)), VALUES.map((_, index) => String(index + 1)));
  const jobs = claimAll(other);
  t.deepEqual(jobs.map(({ value }) => value), VALUES);
  t.deepEqual(jobs.map(({ id, attempts }) => [id, attempts]), VALUES.map((_, index) => [String(index + 1), 1]));
  for (const job of jobs) t.is(job.done(), undefined);
  t.is(queue.tryClaim(), null);
  t.deepEqual(queue.stats(), { ready: 0, delayed: 0, claimed: 0, dead: 0, pushed: 10, done: 10, failed: 0, returned: 0 });
});

test('SharedQueue: an id is unique among ready, delayed, claimed and dead jobs', (t) => {
  const queue = makeQueue(t, { size: '64kb', maxAttempts: 1 });
  t.is(queue.push('first', { id: 'a', delay: 1000 }), 'a');
  t.is(queue.push('second', { id: 'a' }), false);
  t.is(queue.push('third', { id: '東'.repeat(255) }), '東'.repeat(255));
  const job = claimed(queue);
  t.is(queue.push('fourth', { id: '東'.repeat(255) }), false);
  job.fail();
  t.is(queue.push('fifth', { id: '東'.repeat(255) }), false);
  t.true(queue.discard('東'.repeat(255)));
  t.is(queue.push('sixth', { id: '東'.repeat(255) }), '東'.repeat(255));
  for (const id of ['', 'x'.repeat(256)]) t.throws(() => queue.push('x', { id }), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => queue.push('x', { id: 7 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => queue.push('x', { delay: -1 }), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => queue.push('x', { after: 1 } as never), { code: 'ERR_INVALID_ARG_VALUE' });
});

test('SharedQueue: a failed job comes after all ready ones, and at last is dead', (t) => {
  const queue = makeQueue(t, { size: '64kb', maxAttempts: 2 });
  queue.push('one');
  queue.push('two');
  claimed(queue).fail();
  for (const [value, attempts] of [['two', 1], ['one', 2], ['two', 2]]) {
    const job = claimed(queue);
    t.deepEqual([job.value, job.attempts, job.fail()], [value, attempts, undefined]);
  }
  t.deepEqual([...queue.dead()].map(({ id, value, attempts }) => [id, value, attempts]), [['1', 'one', 2], ['2', 'two', 2]]);
  throwsShm(t, () => [...queue.dead()][0]?.done(), 'ERR_SHM_NOT_CLAIMED');
  t.deepEqual([queue.retry('1'), queue.retry('1'), queue.discard('2'), queue.discard('2'), queue.retry('9')], [true, false, true, false, false]);
  t.like(claimed(queue), { id: '1', attempts: 1 });
  t.like(queue.stats(), { failed: 4, dead: 0, claimed: 1, ready: 0 });
});

test('SharedQueue: update replaces the value for the attempts after this one', (t) => {
  const queue = makeQueue(t);
  queue.push({ step: 0 });
  const job = claimed(queue);
  job.update({ step: 1, rest: Buffer.alloc(5000, 1) });
  t.deepEqual(job.value, { step: 1, rest: Buffer.alloc(5000, 1) });
  job.fail();
  const again = claimed(queue);
  t.deepEqual(again.value, { step: 1, rest: Buffer.alloc(5000, 1) });
  again.update('short');
  t.true(queue.release(again.id));
  t.is(claimed(queue).value, 'short');
});

test('SharedQueue: ERR_SHM_NOT_CLAIMED tells that a claim has ended', (t) => {
  const queue = makeQueue(t);
  const other = openQueue(t, queue);
  queue.push('x');
  const job = claimed(queue);
  t.like(other.claims(), [{ id: '1', pid: process.pid, attempts: 1 }]);
  t.true(Math.abs((other.claims()[0]?.since ?? 0) - Date.now()) < 60_000);
  t.true(other.release('1'));
  t.false(other.release('1'));
  const taken = claimed(other);
  t.is(taken.attempts, 2);
  for (const call of [() => job.done(), () => job.fail(), () => job.update('y')]) {
    const error = throwsShm(t, call, 'ERR_SHM_NOT_CLAIMED');
    t.deepEqual(error.object, { kind: 'queue', name: queue.name });
  }
  taken.done();
  throwsShm(t, () => taken.done(), 'ERR_SHM_NOT_CLAIMED');
  t.deepEqual(queue.claims(), []);
});

test('SharedQueue: a full queue throws ERR_SHM_FULL and loses nothing', (t) => {
  const queue = makeQueue(t, '64kb');
  let pushed = 0;
  throwsShm(t, () => {
    for (;;) {
      queue.push(Buffer.alloc(1000, pushed));
      pushed += 1;
    }
  }, 'ERR_SHM_FULL');
  throwsShm(t, () => queue.push(Buffer.alloc(100_000)), 'ERR_SHM_TOO_LARGE');
  const jobs = claimAll(queue);
  t.deepEqual(jobs.map(({ value }) => (value as Buffer)[999]), Array.from({ length: pushed }, (_, index) => index % 256));
  throwsShm(t, () => jobs[0]?.update(Buffer.alloc(2000)), ['ERR_SHM_FULL', 'ERR_SHM_TOO_LARGE']);
  for (const job of jobs) job.done();
  t.is(queue.push('x'), String(queue.stats().pushed));
});

test('SharedQueue: job methods of a closed handle throw ERR_SHM_CLOSED, and its jobs come back', (t) => {
  const queue = makeQueue(t);
  const other = openQueue(t, queue);
  queue.push('x');
  const job = claimed(other);
  other.close();
  throwsShm(t, () => job.done(), 'ERR_SHM_CLOSED');
  t.like(claimed(queue), { id: '1', attempts: 2 });
  t.is(queue.stats().returned, 1);
});
