import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { SharedDict, type ShmError } from 'shmkit';
import { type Child, startChild } from '../support/child';
import { now } from '../support/clock';
import { makeDict, openAgain } from '../support/dict';
import { seeded } from '../support/random';

const ITEMS = 30_000;
const SIZE = 16 << 20;

/** The seconds that a call took. */
function timeOf(call: () => void): number {
  const start = now();
  call();
  return now() - start;
}

for (const change of ['push', 'rotate'] as const) {
  test(`lrange returns a whole range while another process calls: ${change}`, async (t) => {
    const dict = makeDict(t, { size: '64mb' });
    for (let item = 0; item < ITEMS; item += 1) dict.rpush('list', item);
    const child = startChild(t, 'change-all-the-time', [dict.name, change, ITEMS]);
    await child.next();
    for (let round = 0; round < 5; round += 1) {
      const items = dict.lrange('list') as number[];
      t.true(items.length >= ITEMS, `${items.length} items`);
      t.true(items.every((item, index) => index === 0 || item === (items[index - 1] as number) + 1));
    }
  });
}

test('get returns a large value in a small multiple of its usual time while it is overwritten', async (t) => {
  const dict = makeDict(t, { size: '64mb' });
  dict.set('value', Buffer.alloc(SIZE));
  const alone = Math.min(...[1, 2, 3].map(() => timeOf(() => dict.get('value'))));
  const child = startChild(t, 'change-all-the-time', [dict.name, 'set', SIZE]);
  await child.next();
  for (let round = 0; round < 10; round += 1) {
    const start = now();
    const value = dict.get('value') as Buffer;
    t.true(now() - start < 20 * alone + 1, `${now() - start} s, alone ${alone} s`);
    t.is(value.length, SIZE);
    t.true(value.equals(Buffer.alloc(SIZE, value[0])), 'it is whole');
  }
});

test('a read-only handle gets ERR_SHM_CONTENTION when a large value changes during every attempt', async (t) => {
  const dict = makeDict(t, { size: '64mb' });
  dict.set('value', Buffer.alloc(SIZE));
  const reader: SharedDict = openAgain(t, dict, { readOnly: true, lockTimeout: 0.05 });
  const child = startChild(t, 'change-all-the-time', [dict.name, 'set', SIZE]);
  await child.next();
  for (let round = 0; round < 10; round += 1) {
    try {
      const value = reader.get('value') as Buffer;
      t.true(value.equals(Buffer.alloc(SIZE, value[0])), 'it is whole');
    } catch (error) {
      t.is((error as ShmError).code, 'ERR_SHM_CONTENTION');
    }
  }
});

test('SIGKILL: readers and a writer of a large value leave neither a torn value nor lost memory', async (t) => {
  const random = seeded(t);
  const dict = makeDict(t, { size: '64mb' });
  const writer = () => startChild(t, 'change-all-the-time', [dict.name, 'set', SIZE / 2]);
  const reader = () => startChild(t, 'read-all-the-time', [dict.name]);
  const roles = [writer, reader, reader];
  const children = roles.map((role) => role());
  for (const child of children) await child.next();
  for (let round = 0; round < 10; round += 1) {
    await setTimeout(random(40));
    const index = random(roles.length);
    await (children[index] as Child).kill('SIGKILL');
    t.deepEqual(dict.verify(), { ok: true, problems: [] });
    children[index] = (roles[index] as () => Child)();
    await children[index].next();
  }
  for (const child of children) await child.kill('SIGKILL');
  dict.delete('value');
  dict.set('all of it', Buffer.alloc(48 << 20));
  t.deepEqual(dict.verify(), { ok: true, problems: [] });
});
