import fs from 'node:fs';
import test from 'ava';
import { SharedSegment } from 'shmkit';
import { seeded } from '../support/random';
import { makeSegment, startPeer } from '../support/segment';

test('SharedSegment: append adds data and segments, and grows the capacity as needed', (t) => {
  const segment = makeSegment(t, 'ab', 4);
  segment.append('c');
  t.deepEqual([segment.capacity, segment.size], [4, 3]);
  segment.append(Buffer.from('def'));
  t.deepEqual([segment.capacity, segment.size], [6, 6]);
  segment.append(makeSegment(t, 'gh'));
  segment.append(segment);
  t.is(segment.toBuffer().toString(), 'abcdefghabcdefgh');
  segment.append('');
  t.is(segment.size, 16);
});

test('SharedSegment: pieces that several processes append at once are all whole', async (t) => {
  const segment = makeSegment(t, '');
  const peers = await Promise.all(['a', 'b', 'c'].map(() => startPeer(t, segment.name)));
  const rounds = 50;
  await Promise.all(
    peers.map(async (peer, index) => {
      for (let round = 0; round < rounds; round += 1) await peer.call('append', String(index).repeat(1000));
    }),
  );
  t.is(segment.size, 3 * rounds * 1000);
  const text = segment.toBuffer().toString();
  const pieces = text.match(/(\d)\1{999}/g) ?? [];
  t.is(pieces.join(''), text);
  for (const digit of '012') t.is(pieces.filter((piece) => piece[0] === digit).length, rounds);
});

test('SharedSegment: split returns two new segments and leaves the old one', (t) => {
  const segment = makeSegment(t, 'hello, world');
  const [first, rest] = segment.split(5);
  t.deepEqual([first, rest, segment].map((each) => each.toBuffer().toString()), ['hello', ', world', 'hello, world']);
  t.true(first.owner && rest.owner && first.name !== rest.name);
  first.write('J');
  t.is(segment.read(0, 1).toString(), 'h');
  const [none, all] = segment.split(0);
  t.deepEqual([none.size, all.size], [0, 12]);
  for (const each of [first, rest, none, all]) each.close();
});

test('SharedSegment: trim drops the front and fits the capacity', (t) => {
  const random = seeded(t);
  const content = Buffer.from(Array.from({ length: 100_000 }, () => random(256)));
  for (const offset of [0, 1, 7, 4096, 50_000, 99_999, 100_000]) {
    const segment = makeSegment(t, content, 200_000);
    segment.trim(offset);
    t.true(segment.toBuffer().equals(content.subarray(offset)), `from ${offset}`);
    t.is(segment.capacity, 100_000 - offset);
  }
  const segment = makeSegment(t, 'x', 1000);
  segment.trim();
  t.deepEqual([segment.size, segment.capacity], [1, 1]);
});

test('SharedSegment: a process killed while it trims loses no appended byte', async (t) => {
  const segment = makeSegment(t, '');
  const random = seeded(t);
  let next = 0;
  for (let round = 0; round < 12; round += 1) {
    const peer = await startPeer(t, segment.name);
    let appended = next;
    peer.child.process.on('message', (message: { appended?: number }) => {
      appended = message.appended ?? appended;
    });
    peer.child.process.send(['churn', next, round]);
    await new Promise((resolve) => setTimeout(resolve, random(150)));
    await peer.child.kill();
    const bytes = segment.toBuffer();
    t.is(bytes.length % 4, 0);
    for (let at = 4; at < bytes.length; at += 4) {
      if (bytes.readUInt32LE(at) !== bytes.readUInt32LE(at - 4) + 1) return t.fail(`round ${round}: torn at ${at} of ${bytes.length}`);
    }
    next = bytes.length === 0 ? appended : bytes.readUInt32LE(bytes.length - 4) + 1;
    t.true(next >= appended, `${appended} were there, and ${next} are left`);
  }
});

test('SharedSegment: its cursor reads and writes up to the capacity', (t) => {
  const segment = makeSegment(t, 'one\ntwo\n', 12);
  const file = segment.file();
  t.deepEqual([...file.lines({ encoding: 'utf8' })], ['one', 'two']);
  file.write('six', '\n');
  t.is(segment.toBuffer().toString(), 'one\ntwo\nsix\n');
  t.like(t.throws(() => file.write('x')), { code: 'ERR_OUT_OF_RANGE' });
  t.is(file.seek('set', 4), 4);
  t.is(String(file.read('all')), 'two\nsix\n');
});

test('SharedSegment: a view is the memory itself, up to the capacity', (t) => {
  const segment = makeSegment(t, 'hello', 8);
  const view = segment.view();
  t.is(view.length, 8);
  view[0] = 74;
  t.is(segment.read().toString(), 'Jello');
  segment.write('!', 7);
  t.is(view[7], 33);
  t.is(segment.view().buffer, view.buffer);
  segment.close();
  t.is(Buffer.from(view.subarray(0, 5)).toString(), 'Jello');
});

test('SharedSegment: mapFile and fs read the same bytes', (t) => {
  const segment = makeSegment(t, 'hello');
  fs.writeSync(fs.openSync(segment.path, 'r+'), 'J', 65_536);
  t.is(SharedSegment.open(segment.name).read().toString(), 'Jello');
});
