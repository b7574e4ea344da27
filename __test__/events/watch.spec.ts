import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import test, { type ExecutionContext } from 'ava';
import { type DictEvent, SharedDict } from 'shmkit';
import { callRemote, fixture, startChild } from '../support/child';
import { makeDict, openAgain } from '../support/dict';

/** Returns the next events. */
async function take(events: AsyncIterator<DictEvent>, count: number): Promise<DictEvent[]> {
  const taken: DictEvent[] = [];
  while (taken.length < count) taken.push((await events.next()).value as DictEvent);
  return taken;
}

function watchFor(t: ExecutionContext, dict: SharedDict, options: object = {}): AsyncIterableIterator<DictEvent> {
  const events = dict.watch({ ref: true, ...options });
  t.teardown(() => events.return?.());
  return events;
}

/** Returns the event of a write that has just been made. */
function written(dict: SharedDict, key: string): DictEvent {
  return { type: 'set', key, version: dict.getEntry(key)?.version ?? 0n };
}

test('watch tells what this process changes, in order', async (t) => {
  const dict = makeDict(t, { size: '64kb' });
  const events = watchFor(t, dict);
  const expected: DictEvent[] = [];
  dict.set('a', 1);
  expected.push(written(dict, 'a'));
  dict.incr('a');
  expected.push(written(dict, 'a'));
  dict.delete('a');
  dict.set('\u{1F600}', 'wide');
  expected.push({ type: 'delete', key: 'a' }, written(dict, '\u{1F600}'));
  dict.clear();
  dict.set('b', { an: 'object' });
  expected.push({ type: 'clear' }, written(dict, 'b'));
  t.deepEqual(await take(events, expected.length), expected);
});

test('watch tells what other processes and threads change, also to several watchers', async (t) => {
  const dict = makeDict(t);
  const child = startChild(t, 'remote-dict', [dict.name]);
  const worker = new Worker(fixture('get-or-set'), { argv: [dict.name] });
  t.teardown(() => worker.terminate());
  await once(worker, 'message');
  const watchers = [watchFor(t, dict), watchFor(t, openAgain(t, dict))];
  const next = watchers.map((events) => events.next());
  await callRemote(child, 'set', 'theirs', 1);
  for (const told of await Promise.all(next)) t.deepEqual(told, { done: false, value: written(dict, 'theirs') });
  worker.postMessage({ key: 'loaded', delay: 1 });
  await once(worker, 'message');
  for (const events of watchers) {
    for (;;) {
      const { value } = await events.next();
      if ((value as DictEvent).key === 'loaded') break;
    }
  }
  t.pass();
});

test('watch with a prefix tells changes of its keys, and clear', async (t) => {
  const dict = makeDict(t);
  const events = watchFor(t, dict, { prefix: 'flag:' });
  dict.setMany([['flag', 1], ['other', 1], ['flag:a', 1]]);
  dict.delete('other');
  dict.delete('flag:a');
  dict.clear();
  t.deepEqual((await take(events, 3)).map(({ type, key }) => [type, key]), [['set', 'flag:a'], ['delete', 'flag:a'], ['clear', undefined]]);
});

test('watch tells expiries when the entry is reclaimed', async (t) => {
  const dict = makeDict(t);
  const events = watchFor(t, dict);
  dict.set('a', 1, 0.001);
  while (dict.has('a'));
  dict.set('a', 2);
  dict.set('b', 1, 0.001);
  while (dict.has('b'));
  dict.flushExpired();
  const told = await take(events, 5);
  t.deepEqual(told.filter(({ key }) => key === 'a').map(({ type }) => type), ['set', 'expire', 'set']);
  t.deepEqual(told.filter(({ key }) => key === 'b').map(({ type }) => type), ['set', 'expire']);
});

test('a slow watcher hears exactly how many changes it has missed', async (t) => {
  const dict = makeDict(t, { size: '64kb', feed: 4096 });
  const events = watchFor(t, dict, { prefix: 'none' });
  for (let round = 0; round < 1000; round += 1) dict.set('a', round);
  t.deepEqual(await take(events, 1), [{ type: 'overflow', missed: 1000 }]);
});

test('watch ends by break, return, its signal, and close, and rejects after a replacement', async (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  const controller = new AbortController();
  const aborted = dict.watch({ signal: controller.signal }).next();
  controller.abort();
  t.deepEqual(await aborted, { done: true, value: undefined });
  t.true((await dict.watch({ signal: controller.signal }).next()).done);

  const returned = dict.watch();
  const pending = returned.next();
  await returned.return?.();
  t.true((await pending).done);
  t.true((await returned.next()).done);

  const other = openAgain(t, dict);
  const closed = other.watch().next();
  other.close();
  t.true((await closed).done);

  const replaced = dict.watch({ ref: true }).next();
  SharedDict.create(dict.name, { size: '1mb', replace: true }).close();
  await t.throwsAsync(replaced, { code: 'ERR_SHM_RETIRED' });
});

test('concurrent calls of next are answered in order', async (t) => {
  const dict = makeDict(t, { size: '64kb' });
  const events = watchFor(t, dict);
  const next = Array.from({ length: 50 }, () => events.next());
  for (let index = 0; index < 50; index += 1) dict.set(`key ${index}`, index);
  const keys = (await Promise.all(next)).map(({ value }) => (value as DictEvent).key);
  t.deepEqual(keys, Array.from({ length: 50 }, (_, index) => `key ${index}`));
});

test('watch needs a feed and a writable handle, and checks its options', (t) => {
  const dict = makeDict(t);
  t.throws(() => openAgain(t, dict, { readOnly: true }).watch(), { code: 'ERR_SHM_READONLY' });
  t.throws(() => makeDict(t, { feed: 0 }).watch(), { code: 'ERR_SHM_UNSUPPORTED' });
  t.throws(() => makeDict(t, { wipe: true }).watch(), { code: 'ERR_SHM_UNSUPPORTED' });
  watchFor(t, makeDict(t, { wipe: true, feed: 4096 }));
  t.throws(() => dict.watch({ prefix: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => dict.watch({ prefx: 'a' } as never), { code: 'ERR_INVALID_ARG_VALUE', message: /prefix/ });
  t.throws(() => makeDict(t, { size: '64kb', feed: '60kb' }), { code: 'ERR_OUT_OF_RANGE' });
});

test('a watcher in a process that is killed costs the dictionary nothing but its mark', async (t) => {
  const dict = makeDict(t);
  const child = startChild(t, 'remote-dict', [dict.name]);
  await callRemote(child, 'watch');
  await child.kill('SIGKILL');
  for (let round = 0; round < 5000; round += 1) dict.set(`key ${round % 100}`, round);
  t.true(dict.verify().ok);
  const events = watchFor(t, dict);
  dict.set('a', 1);
  t.deepEqual(await take(events, 1), [written(dict, 'a')]);
});
