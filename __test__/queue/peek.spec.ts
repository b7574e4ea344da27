import test from 'ava';
import { SharedQueue } from 'shmkit';
import { makeDir } from '../support/dict';

test('SharedQueue: a read-only handle lists claims with peek, and not without', (t) => {
  const dir = makeDir(t);
  const queue = SharedQueue.create('peeked', { size: '64kb', dir });
  const reader = SharedQueue.open('peeked', { dir, readOnly: true });
  t.teardown(() => [queue, reader].forEach((each) => each.close()));
  t.deepEqual(reader.claims({ peek: true }), []);
  for (const id of ['a', 'b', 'c']) queue.push(1, { id });
  const [first] = [queue.tryClaim(), queue.tryClaim()];
  t.deepEqual(reader.claims({ peek: true }).map(({ id, pid, attempts }) => [id, pid, attempts]), [['a', process.pid, 1], ['b', process.pid, 1]]);
  const [seen, locked] = [queue.claims({ peek: true }), queue.claims()];
  t.deepEqual(seen.map(({ id }) => id), locked.map(({ id }) => id));
  first?.done();
  t.deepEqual(reader.claims({ peek: true }).map(({ id }) => id), ['b']);
  t.throws(() => reader.claims(), { code: 'ERR_SHM_READONLY' });
  t.throws(() => reader.claims({ peak: true } as never), { code: 'ERR_INVALID_ARG_VALUE' });
});
