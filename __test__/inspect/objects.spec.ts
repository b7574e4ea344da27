// What the inspector tells its page of objects and their entries.
import test from 'ava';
import { SharedChannel, SharedDict, SharedLocks, SharedMutex, SharedQueue, SharedRing, SharedSegment, SharedSemaphore } from 'shmkit';
import { until } from '../support/clock';
import { makeDict, makeDir } from '../support/dict';
import { InspectorSession, listen, requestTo, startInspector } from '../support/inspector';

interface Listed {
  kind: string;
  name: string;
  figures?: { entries: number };
}

interface Found {
  keys: Array<{ key: string; type: string; size: number; ttl: number }>;
  hasMore: boolean;
  scanned: number;
}

test('the inspector lists all objects and counts in no statistics', async (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  const before = dict.stats();
  const session = await InspectorSession.open(await startInspector(t));
  const { objects } = await session.get<{ objects: Listed[] }>('/api/objects');
  t.like(objects.find(({ name }) => name === dict.name), { kind: 'dict', figures: { entries: 1 } });
  t.like(await session.get('/api/value', { name: dict.name, key: '"a"' }), { type: 'number', text: '1' });
  t.deepEqual(dict.stats(), before);
});

test('the inspector shows the figures, holders and waiters of objects of every kind', async (t) => {
  const dir = makeDir(t);
  const [ring, channel, queue] = [SharedRing.create('o', { size: 4096, dir }), SharedChannel.create('o', { size: 4096, dir }), SharedQueue.create('o', { dir })];
  const [mutex, locks, semaphore] = [SharedMutex.create('o', { dir }), SharedLocks.create('o', { dir }), SharedSemaphore.create('o', 3, { dir, holders: true })];
  const objects = [ring, channel, queue, mutex, locks, semaphore, SharedSegment.create('o', { size: 4096, dir }), SharedDict.create('o', { size: '64kb', dir })];
  t.teardown(() => objects.forEach((object) => object.close()));
  ring.trySend('m');
  channel.post('m');
  queue.push('job', { id: 'j' });
  queue.tryClaim();
  mutex.tryLock();
  semaphore.tryAcquire(2);
  const held = locks.request('file', () => new Promise(() => {}));
  const pending = locks.request('file', () => {});
  held.catch(() => {});
  pending.catch(() => {});
  await until(() => locks.query().held.length === 1);
  const reading = await InspectorSession.open(await startInspector(t, '--dir', dir));
  const detail = (kind: string, session = reading) => session.get('/api/object', { kind, name: 'o' });
  const pid = process.pid;
  t.like(await detail('ring'), { figures: { messages: 1, sent: 1 } });
  t.like(await detail('channel'), { figures: { posted: 1 } });
  t.like(await detail('queue'), { figures: { claimed: 1 }, claims: [{ id: 'j', pid, attempts: 1 }] });
  t.like(await detail('mutex'), { holder: { pid } });
  t.like(await detail('semaphore'), { figures: { value: 1 }, holders: [{ pid, permits: 2 }] });
  t.like(await detail('locks'), { held: [{ name: 'file', pid }], pending: [{ name: 'file', pid }] });
  t.like(await detail('segment'), { kind: 'segment' });
  t.like(await detail('dict'), { figures: { entries: 0 } });
  t.is((await reading.ask('/api/object?kind=dict&name=none')).status, 404);
  t.is((await reading.ask('/api/object?kind=none&name=o')).status, 400);
});

test('the inspector finds keys by prefix and pattern, and cuts long lists', async (t) => {
  const dict = makeDict(t);
  dict.setMany(Array.from({ length: 250 }, (_, index) => [`user:${index}`, index] as const));
  dict.set('other', 'x', 9999);
  const session = await InspectorSession.open(await startInspector(t));
  const find = (parameters: Record<string, string>) => session.get<Found>('/api/keys', { name: dict.name, ...parameters });
  const all = await find({});
  t.is(all.keys.length, 200);
  t.true(all.hasMore);
  t.deepEqual((await find({ prefix: 'user:24' })).keys.map(({ key }) => key).toSorted(), ['user:24', 'user:240', 'user:241', 'user:242', 'user:243', 'user:244', 'user:245', 'user:246', 'user:247', 'user:248', 'user:249']);
  const { keys, scanned } = await find({ match: 'the' });
  t.like(keys, [{ key: 'other', type: 'string' }]);
  t.is(scanned, 251);
  t.true((keys[0]?.ttl ?? 0) > 9000);
  t.deepEqual((await find({ match: 'user:?' })).keys.length, 10);
  t.is((await session.ask('/api/keys?name=none')).status, 404);
  t.is((await session.ask('/api/keys')).status, 400);
});

test('the inspector shows values of every type as text, and cuts large ones', async (t) => {
  const dict = makeDict(t, { size: '32mb' });
  const session = await InspectorSession.open(await startInspector(t));
  const show = (key: string) => session.get<{ type: string; text?: string; isCut?: boolean; isHex?: boolean; note?: string }>('/api/value', { name: dict.name, key: JSON.stringify(key) });
  const values = [['text', 'a\nb', 'string', 'a\nb'], ['big', 2n ** 60n, 'bigint', String(2n ** 60n)], ['null', null, 'null', 'null'], ['object', { a: [1] }, 'structured', '{\n  "a": [\n    1\n  ]\n}']] as const;
  for (const [key, value, type, text] of values) {
    dict.set(key, value);
    t.like(await show(key), { type, text, isCut: false });
  }
  dict.set('bytes', Buffer.from([0, 255]));
  t.like(await show('bytes'), { type: 'bytes', text: '00ff', isHex: true });
  dict.rpush('list', 'one', 'two');
  t.like(await show('list'), { type: 'list', text: '[\n  "one",\n  "two"\n]' });
  dict.set('long', 'x'.repeat(100_000));
  const long = await show('long');
  t.deepEqual([long.text?.length, long.isCut], [65_536, true]);
  dict.set('huge', Buffer.alloc(9 * 1024 * 1024));
  t.regex((await show('huge')).note ?? '', /too large/);
  dict.set('\ud800', 1);
  t.like(await show('\ud800'), { text: '1' });
  t.is((await session.ask(`/api/value?name=${dict.name}&key=%22none%22`)).status, 404);
  t.is((await session.ask(`/api/value?name=${dict.name}&key=none`)).status, 400);
});

test('the inspector measures memory by key and by prefix', async (t) => {
  const dict = makeDict(t);
  dict.setMany([['a:1', 'x'.repeat(1000)], ['a:2', 1], ['b:1', 1], ['none', 1]]);
  const session = await InspectorSession.open(await startInspector(t));
  const room = await session.get<{ entries: number; keys: Array<{ key: string }>; prefixes: Array<{ prefix: string; keys: number }> }>('/api/room', { name: dict.name });
  t.is(room.entries, 4);
  t.is(room.keys[0]?.key, 'a:1');
  t.like(room.prefixes[0], { prefix: 'a:', keys: 2 });
  t.is(room.prefixes.length, 3);
});

test('the inspector stores only values of types that it offers, and no other text', async (t) => {
  const dict = makeDict(t);
  const session = await InspectorSession.open(await startInspector(t, '--read-write'));
  const statusOf = async (type: string, text: string) => (await session.post('/api/store', { name: dict.name, key: 'a', type, text })).status;
  for (const type of ['toString', 'isPrototypeOf', 'constructor', 'valueOf', '__proto__', 'hasOwnProperty', '']) t.is(await statusOf(type, 'a'), 400, type);
  for (const type of ['number', 'bigint', 'boolean', 'json']) {
    for (const text of ['', ' ', '\t\n', 'a']) t.is(await statusOf(type, text), 400, `${type} ${JSON.stringify(text)}`);
  }
  t.false(dict.has('a'));
  for (const [type, text, value] of [['bigint', '0', 0n], ['bigint', ' -7 ', -7n], ['string', '', ''], ['number', '1e3', 1000], ['boolean', 'true', true]] as const) {
    t.is(await statusOf(type, text), 200);
    t.is(dict.get('a'), value);
  }
});

test('the inspector changes entries, and tells changes, only with --read-write', async (t) => {
  const dict = makeDict(t);
  dict.set('a', 1, 1000);
  const inspector = await startInspector(t, '--read-write');
  const session = await InspectorSession.open(inspector);
  const { name } = dict;
  t.is((await session.post('/api/store', { name, key: 'a', type: 'json', text: '{"b":2}' })).status, 200);
  t.deepEqual(dict.get('a'), { b: 2 });
  t.true((dict.ttl('a') ?? 0) > 0);
  t.is((await session.post('/api/store', { name, key: 'a', type: 'number', text: 'no' })).status, 400);
  t.is((await session.post('/api/store', { name, key: 'a', type: 'function', text: '' })).status, 400);
  t.deepEqual(JSON.parse((await session.post('/api/delete', { name, key: 'a' })).body), { removed: true });
  t.is(dict.get('a'), undefined);
  const heard = listen(t, inspector.port, requestTo(inspector.port, `/api/changes?name=${name}`, { Authorization: `Bearer ${session.token}` }));
  // The first batch says that it watches.
  await until(() => heard().includes('"total":0'));
  dict.set('hot', 1);
  dict.set('hot', 2);
  await until(() => heard().includes('"hot":[{"key":"hot","count":2,"error":0}]'));
  t.regex(heard(), /"type":"set","key":"hot","version":"\d+"/);
  await inspector.end();
  await until(() => dict.stats().processes === 1);
});
