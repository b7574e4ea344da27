import path from 'node:path';
import fs from 'node:fs';
import test from 'ava';
import { SharedSegment } from 'shmkit';
import { nameFor } from '../support/names';
import { makeSegment, startPeer } from '../support/segment';
import { throwsArgType, throwsArgument, throwsShm } from '../support/throws';

const OFFSET = 65_536;

test('SharedSegment: another process reads what one writes, and both see the size', async (t) => {
  const name = nameFor(t, SharedSegment);
  using segment = SharedSegment.create(name, { size: 10_000 });
  t.deepEqual([segment.capacity, segment.size, segment.name, segment.owner], [10_000, 0, name, true]);
  t.is(segment.write('hello'), 5);
  const peer = await startPeer(t, name);
  t.is(String(await peer.call('read')), 'hello');
  t.is(await peer.call('write', ', world', 5), 7);
  t.is(segment.size, 12);
  t.is(segment.read().toString(), 'hello, world');
  t.is(segment.read(7).toString(), 'world');
  t.is(segment.read(3, 4).toString(), 'lo, ');
  const target = Buffer.alloc(8, '.');
  t.is(segment.readInto(target, 7), 5);
  t.is(target.toString(), 'world...');
});

test('SharedSegment: create and from store the data, with the capacity asked for', (t) => {
  const name = nameFor(t, SharedSegment);
  using named = SharedSegment.create(name, { data: 'hello', size: 3 });
  t.deepEqual([named.capacity, named.size, named.toBuffer().toString()], [5, 5, 'hello']);
  using roomy = SharedSegment.create(undefined, { data: Buffer.from('hello'), size: '1kb' });
  t.deepEqual([roomy.capacity, roomy.size], [1024, 5]);
  using from = SharedSegment.from(new Uint8Array([1, 2, 3]), 10);
  t.deepEqual([from.capacity, from.size, [...from.toBuffer()]], [10, 3, [1, 2, 3]]);
  using nothing = SharedSegment.from('');
  t.deepEqual([nothing.capacity, nothing.size, nothing.read().length, nothing.view().length], [0, 0, 0, 0]);
});

test('SharedSegment: writing nothing does not change the size', (t) => {
  using segment = SharedSegment.create(undefined, { size: 100 });
  t.is(segment.write('', 100), 0);
  t.is(segment.size, 0);
  t.is(segment.write('abc'), 3);
  t.is(segment.write(new Uint8Array(0), 1), 0);
  t.is(segment.size, 3);
});

test('SharedSegment: create without a name chooses a unique one', (t) => {
  using one = SharedSegment.from('a');
  using two = SharedSegment.from('a');
  t.not(one.name, two.name);
  t.deepEqual([SharedSegment.open(one.name).read().toString(), fs.existsSync(two.path)], ['a', true]);
});

test('SharedSegment: the data begins at the documented offset', (t) => {
  using segment = SharedSegment.from('hello');
  t.is(fs.readFileSync(segment.path).subarray(OFFSET, OFFSET + 5).toString(), 'hello');
});

test('SharedSegment: a gap that was never written is zero', (t) => {
  using segment = SharedSegment.create(undefined, { size: 100 });
  segment.write('x', 50);
  t.deepEqual([segment.size, segment.read(0, 50)], [51, Buffer.alloc(50)]);
});

test('SharedSegment: ranges past size or capacity throw ERR_OUT_OF_RANGE', (t) => {
  using segment = SharedSegment.from('hello', 8);
  for (const call of [
    () => segment.write('1234', 5),
    () => segment.write('', 9),
    () => segment.read(6),
    () => segment.read(0, 6),
    () => segment.read(-1),
    () => segment.readInto(Buffer.alloc(1), 6),
    () => segment.trim(6),
    () => segment.split(6),
    () => segment.setCapacity(-1),
    () => segment.setCapacity(2 ** 50),
  ]) {
    t.like(t.throws(call, { instanceOf: RangeError }), { code: 'ERR_OUT_OF_RANGE' });
  }
  t.deepEqual([segment.read().toString(), segment.capacity], ['hello', 8]);
});

test('SharedSegment: stores through the view of a read-only handle stay in the view', async (t) => {
  using segment = SharedSegment.from('hello');
  using reader = SharedSegment.open(segment.name, { readOnly: true });
  t.is(reader.read().toString(), 'hello');
  const view = reader.view();
  segment.write('J');
  t.is(Buffer.from(view).toString(), 'Jello');
  view[1] = 0;
  t.is(segment.read().toString(), 'Jello');
  segment.append(', world');
  t.is(reader.read().toString(), 'Jello, world');
});

test('SharedSegment: its cursor throws ERR_SHM_CLOSED when the segment is closed', (t) => {
  const segment = SharedSegment.from('hello');
  const cursor = segment.file();
  segment.close();
  throwsShm(t, () => cursor.read(1), 'ERR_SHM_CLOSED');
});

test('SharedSegment: setCapacity throws ERR_SHM_NO_SPACE and changes nothing', (t) => {
  using segment = SharedSegment.from('hello');
  const error = throwsShm(t, () => segment.setCapacity(2 ** 45), 'ERR_SHM_NO_SPACE');
  t.like(error, { directory: path.dirname(segment.path) });
  t.true((error as { needed?: number }).needed as number >= 2 ** 45 - 2 ** 20);
  t.deepEqual([segment.capacity, segment.read().toString()], [5, 'hello']);
  throwsShm(t, () => SharedSegment.create(undefined, { size: 2 ** 45 }), 'ERR_SHM_NO_SPACE');
});

test('SharedSegment: wrong arguments are refused before anything is touched', (t) => {
  for (const options of [undefined, {}, 5, { size: {} }, { data: 5 }, { size: 1, persist: 1 }, { size: -1 }, { size: 'much' }]) {
    throwsArgument(t, () => SharedSegment.create(undefined, options as never), JSON.stringify(options));
  }
  for (const data of [undefined, 5, {}, [1]]) throwsArgType(t, () => SharedSegment.from(data as never));
  throwsArgType(t, () => SharedSegment.from('x', '1' as never));
  throwsArgType(t, () => SharedSegment.open(5 as never));
  throwsArgument(t, () => SharedSegment.open({} as never));
  throwsArgument(t, () => SharedSegment.open({ type: 'SharedSegment', name: 5, dir: '/dev/shm', segment: '' } as never));
  const segment = makeSegment(t, 'hello');
  throwsArgType(t, () => segment.write(5 as never));
  throwsArgType(t, () => segment.append(undefined as never));
  throwsArgType(t, () => segment.readInto({} as never));
  throwsArgType(t, () => segment.setCapacity('1' as never));
  t.is(segment.read().toString(), 'hello');
});
