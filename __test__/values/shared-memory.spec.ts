import test from 'ava';
import { makeDict } from '../support/dict';
import { makeRing } from '../support/ring';
import { makeSegment, startPeer } from '../support/segment';
import { transferred } from '../support/transfer';

test('a view of a segment is a value like any other bytes', (t) => {
  const dict = makeDict(t, { checksums: true });
  const segment = makeSegment(t, 'bytes of a segment');
  dict.set('v', segment.view());
  segment.write('BYTES');
  t.is(String(dict.get('v')), 'bytes of a segment');
});

test('a view that another process changes meanwhile is stored whole, with its checksum', async (t) => {
  const dict = makeDict(t, { size: '8mb', checksums: true });
  const segment = makeSegment(t, Buffer.alloc(20_000, 1));
  await (await startPeer(t, segment.share())).call('scribble');
  const view = segment.view();
  for (let round = 0; round < 500; round += 1) {
    dict.set('v', view);
    dict.set('nested', { view });
    dict.rpush('l', view.subarray(0, 5000));
    dict.rpush('l', view);
    t.is((dict.get('v') as Buffer).length, 20_000);
    t.is((dict.get('nested') as { view: Uint8Array }).view.length, 20_000);
    t.is(dict.lrange('l').length, 2);
    dict.delete('l');
  }
  t.is([...dict].length, 2);
  t.true(dict.verify().ok);
});

test('a transferred view of a segment is read once as well', async (t) => {
  const dict = makeDict(t, { size: '8mb', checksums: true });
  const segment = makeSegment(t, Buffer.alloc(20_000, 1));
  await (await startPeer(t, segment.share())).call('scribble');
  const view = segment.view();
  const moved = transferred(view);
  for (let round = 0; round < 500; round += 1) {
    dict.set('v', moved);
    dict.rpush('l', moved);
    t.is((dict.get('v') as Buffer).length, 20_000);
    t.is(dict.lrange('l').length, 1);
    dict.delete('l');
  }
  t.true(dict.verify().ok);
});

test('getInto fills a view of a segment at an offset', (t) => {
  const dict = makeDict(t);
  const segment = makeSegment(t, Buffer.alloc(200_000));
  dict.set('short', 'text');
  dict.set('long', Buffer.alloc(150_000, 7));
  t.is(dict.getInto('short', segment.view(), 3), 4);
  t.is(segment.read(0, 8).toString(), '\0\0\0text\0');
  t.is(dict.getInto('long', segment.view(), 50_000), 150_000);
  t.is(segment.read(50_000).equals(Buffer.alloc(150_000, 7)), true);
  t.is(dict.getInto('missing', segment.view()), -1);
  t.throws(() => dict.getInto('long', segment.view(), 50_001), { code: 'ERR_OUT_OF_RANGE' });
});

test('a ring sends from and receives into views of a segment', (t) => {
  const ring = makeRing(t);
  const segment = makeSegment(t, Buffer.from('message and more'));
  t.true(ring.trySend(segment.view().subarray(0, 7)));
  segment.write('MESSAGE');
  t.is(ring.tryReceiveInto(segment.view(), 8), 7);
  t.is(segment.toBuffer().toString(), 'MESSAGE messagee');
  t.is(ring.tryReceiveInto(segment.view()), -1);
  ring.trySend(Buffer.alloc(100));
  t.throws(() => ring.tryReceiveInto(segment.view()), { code: 'ERR_OUT_OF_RANGE' });
  t.is(ring.stats().messages, 1);
});

test('a segment is written from and read into its own view', (t) => {
  const segment = makeSegment(t, '0123456789');
  segment.write(segment.view().subarray(0, 8), 2);
  t.is(segment.toBuffer().toString(), '0101234567');
  t.is(segment.readInto(segment.view().subarray(4), 0), 6);
  t.is(segment.toBuffer().toString(), '0101010123');
});
