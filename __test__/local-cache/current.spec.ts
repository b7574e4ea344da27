// The local cache returns what a read of the shared memory would return.
import test from 'ava';
import type { SharedDict } from 'shmkit';
import { startChild } from '../support/child';
import { now } from '../support/clock';
import { makeDict, openAgain } from '../support/dict';
import { seeded } from '../support/random';
import { setImmediate } from 'node:timers/promises';

// A writer's numbers only grow. So a hit lies between the results of two plain reads around it, also while the writer is
// stopped, which may be between publishing a value and freeing the old one.
test('local cache: a hit is no older than a read before it, no newer than one after it', async (t) => {
  const random = seeded(t);
  const dict = makeDict(t);
  const plain = openAgain(t, dict, { localCache: false });
  const writer = startChild(t, 'write-ascending', [dict.name, random(2 ** 31)]);
  await writer.next();
  const end = now() + 3;
  let reads = 0;
  for (let stopped = false; now() < end; stopped = !stopped) {
    writer.process.kill(stopped ? 'SIGCONT' : 'SIGSTOP');
    await setImmediate();
    for (let count = random(3000); count > 0; count -= 1) {
      const key = ['number', 'text', 'count'][random(3)] as string;
      const [before, kept, there, after] = [plain.get(key), dict.get(key), dict.has(key), plain.get(key)];
      reads += 1;
      // The key may be deleted and set again in between: the values are in order all the same.
      const inOrder = [before, kept, after].filter((value) => value !== undefined).map((value) => Number.parseInt(String(value), 10));
      if (inOrder.some((value, index) => value < (inOrder[index - 1] ?? 0))) t.fail(`${key}: ${before}, ${kept}, ${after}`);
      if (!there && before === after && before !== undefined) t.fail(`${key}: ${before}, not there, ${after}`);
      if (kept === undefined && before === after && before !== undefined) t.fail(`${key}: ${before}, missing, ${after}`);
    }
  }
  writer.process.kill('SIGCONT');
  t.log(`${reads} reads`);
  t.true(reads > 1000);
  t.true(dict.stats().hits > reads);
});

test('local cache: has is as exact as get', async (t) => {
  const random = seeded(t);
  const dict = makeDict(t);
  const other = openAgain(t, dict, { localCache: false });
  const names = Array.from({ length: 20 }, (_, index) => `key${index}`);
  const values = ['text', 1.5, { an: 'object' }, Buffer.from('bytes'), null];
  for (let step = 0; step < 20_000; step += 1) {
    const name = names[random(names.length)] as string;
    const act = random(40);
    if (act === 0) other.delete(name);
    else if (act === 1) other.set(name, values[random(values.length)]);
    else if (act === 2) other.set(name, 'expires', 1000);
    else if (act === 3 && random(50) === 0) other.clear();
    else if (act < 8) t.deepEqual(dict.get(name), other.get(name));
    else if (dict.has(name) !== other.has(name)) return t.fail(`${name} at step ${step}`);
  }
  const before = dict.stats().hits;
  dict.set('k', [1]);
  for (let read = 0; read < 10_000; read += 1) t.true(dict.has('k'));
  t.is(dict.stats().hits - before, 10_000);
  other.delete('k');
  t.false(dict.has('k'));
  other.rpush('k', 'item');
  t.true(dict.has('k') && dict.has('k'));
  t.throws(() => dict.get('k'), { code: 'ERR_SHM_WRONG_TYPE' });
  dict.close();
  t.throws(() => dict.has('k'), { code: 'ERR_SHM_CLOSED' });
});

/** Reads only this key until it changes; returns the number of reads, or -1 if it never does. */
function spin(dict: SharedDict, before: unknown, most: number): number {
  for (let reads = 0; reads < most; reads += 1) {
    if (dict.get('flag') !== before) return reads;
  }
  return -1;
}

test('local cache: a loop that only reads sees what another process writes', async (t) => {
  const dict = makeDict(t);
  const child = startChild(t, 'set-flag-later', [dict.name]);
  dict.set('flag', 'warm');
  for (let round = 0; round < 20; round += 1) spin(dict, 'warm', 20_000);
  for (let round = 0; round < 5; round += 1) {
    dict.set('flag', round);
    await child.ask(round + 1);
    // The child writes while this thread is in the loop, which awaits nothing.
    t.true(spin(dict, round, 1e9) >= 0);
    t.is(dict.get('flag'), round + 1);
  }
});

test('local cache: a cached key is gone after delete, clear, close and replace', async (t) => {
  const dict = makeDict(t);
  const other = openAgain(t, dict, { localCache: false });
  const keep = (): void => {
    dict.set('k', 'kept');
    for (let read = 0; read < 3; read += 1) t.is(dict.get('k'), 'kept');
  };
  keep();
  other.delete('k');
  t.is(dict.get('k'), undefined);
  keep();
  other.clear();
  t.is(dict.get('k'), undefined);
  keep();
  other.set('k', 'kept', 1000);
  t.is(dict.get('k'), 'kept');
  t.true((dict.ttl('k') as number) > 0);
  keep();
  other.rpush('list', 'item');
  other.delete('k');
  other.rpush('k', 'item');
  t.throws(() => dict.get('k'), { code: 'ERR_SHM_WRONG_TYPE' });
  other.delete('k');
  keep();
  const { SharedDict: Dict } = await import('shmkit');
  const replacement = Dict.create(dict.name, { size: '1mb', replace: true });
  t.throws(() => dict.get('k'), { code: 'ERR_SHM_RETIRED' });
  replacement.close();
  dict.close();
  t.throws(() => dict.get('k'), { code: 'ERR_SHM_CLOSED' });
});
