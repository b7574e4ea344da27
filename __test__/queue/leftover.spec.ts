import test, { type ExecutionContext } from 'ava';
import { SharedQueue } from 'shmkit';
import { startChild } from '../support/child';
import { makeDir } from '../support/dict';
import { claimAll } from '../support/queue';
import { throwsShm } from '../support/throws';

async function leftover(t: ExecutionContext<unknown>, ...values: string[]): Promise<string> {
  const dir = makeDir(t);
  const owner = startChild(t, 'queue-owner', ['q', dir, ...values]);
  await owner.next();
  await owner.kill();
  return dir;
}

test('SharedQueue: create never replaces a leftover that holds jobs, and open finds them', async (t) => {
  const dir = await leftover(t, 'a', 'b');
  throwsShm(t, () => SharedQueue.create('q', { dir }), 'ERR_SHM_EXISTS');
  t.like(SharedQueue.list({ dir }), [{ name: 'q', jobs: 2, stale: false }]);
  const queue = SharedQueue.openOrCreate('q', { dir });
  t.deepEqual(claimAll(queue).map(({ value }) => value), ['a', 'b']);
  queue.close();
});

test('SharedQueue: prune leaves a leftover that holds jobs, unless it is forced', async (t) => {
  const dir = await leftover(t, 'a');
  t.deepEqual(SharedQueue.prune({ dir }), []);
  t.deepEqual(SharedQueue.prune({ dir, force: false }), []);
  t.throws(() => SharedQueue.prune({ dir, force: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => SharedQueue.prune({ dir, forced: true } as never), { code: 'ERR_INVALID_ARG_VALUE' });
  t.deepEqual(SharedQueue.prune({ dir, force: true }), ['q']);
  SharedQueue.create('q', { dir }).close();
});

test('SharedQueue: a leftover without jobs is replaced and pruned like any other object', async (t) => {
  const dir = await leftover(t);
  t.like(SharedQueue.list({ dir }), [{ name: 'q', jobs: 0, stale: true }]);
  SharedQueue.create('q', { dir }).close();
  t.deepEqual(SharedQueue.prune({ dir: await leftover(t) }), ['q']);
});
