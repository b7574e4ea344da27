// What stays in memory: `wipe` overwrites what was removed; without it, that is there until other data takes its place.
import fs from 'node:fs';
import test from 'ava';
import { SharedDict, SharedRing } from 'shmkit';
import { startChild } from '../support/child';
import { makeDict } from '../support/dict';
import { claimAll, claimed, makeQueue } from '../support/queue';
import { makeRing } from '../support/ring';

const SECRET = 'correct horse battery staple';

/** Returns whether the object's file has the secret, or part of it, as text or as UTF-16. */
function holdsSecret({ path }: { path: string }): boolean {
  const bytes = fs.readFileSync(path);
  return ['latin1', 'utf16le'].some((encoding) => bytes.includes(Buffer.from(SECRET.slice(8, 20), encoding as BufferEncoding)));
}

const VALUES = {
  'a string': SECRET,
  'a string of UTF-16': `${SECRET}\u2713`,
  'a long string': SECRET.repeat(5000),
  bytes: Buffer.from(SECRET.repeat(3)),
  'an object': { password: SECRET, others: [SECRET] },
};

const REMOVALS: Record<string, (dict: SharedDict) => unknown> = {
  delete: (dict) => dict.delete('key'),
  take: (dict) => dict.take('key'),
  'set of something shorter': (dict) => dict.set('key', 1),
  'set of something longer': (dict) => dict.set('key', 'x'.repeat(200_000)),
  swap: (dict) => dict.swap('key', 'x'),
  'set with an expiry that is past': (dict) => dict.set('key', 'x', { expiresAt: 1 }),
  clear: (dict) => dict.clear(),
  'an expiry and a flush': (dict) => {
    dict.expire('key', 1e-9);
    dict.flushExpired();
  },
};

for (const [kind, value] of Object.entries(VALUES)) {
  for (const [name, remove] of Object.entries(REMOVALS)) {
    test(`with wipe, ${name} leaves nothing of ${kind}`, (t) => {
      const dict = makeDict(t, { size: '2mb', wipe: true });
      dict.set('key', value);
      t.true(holdsSecret(dict));
      remove(dict);
      t.false(holdsSecret(dict));
    });
  }
}

test('with wipe, eviction leaves nothing of what it removes', (t) => {
  const dict = makeDict(t, { size: '64kb', wipe: true, onFull: 'evict' });
  dict.set('key', SECRET);
  for (let number = 0; number < 1000; number += 1) dict.set(`filler ${number}`, 'x'.repeat(500));
  t.false(dict.has('key'));
  t.false(holdsSecret(dict));
});

test('with wipe, popped items leave nothing', (t) => {
  const dict = makeDict(t, { size: '1mb', wipe: true });
  dict.rpush('list', 'first', SECRET, 'x'.repeat(100), SECRET.repeat(2000), 'last');
  t.is(dict.lpop('list'), 'first');
  t.is(dict.lpop('list'), SECRET);
  t.true(holdsSecret(dict));
  t.is(dict.rpop('list'), 'last');
  t.is(dict.rpop('list'), SECRET.repeat(2000));
  t.false(holdsSecret(dict));
});

test('without wipe, a deleted value is in the file until other data takes its place', (t) => {
  const dict = makeDict(t);
  dict.set('key', SECRET);
  dict.delete('key');
  t.true(holdsSecret(dict));
});

for (const wipe of [true, false]) {
  test(`a received message ${wipe ? 'leaves nothing with wipe' : 'stays without wipe'}`, (t) => {
    const ring = makeRing(t, { size: '64kb', wipe });
    for (let round = 0; round < 20; round += 1) {
      ring.trySendMany(['x'.repeat(3000), SECRET, SECRET.repeat(100)]);
      t.is(ring.tryReceiveMany(10).length, 3);
    }
    t.is(holdsSecret(ring), !wipe);
    t.is(ring.stats().used, 0);
  });
}

test('with wipe, a killed process leaves nothing of what it had removed', async (t) => {
  const dict = makeDict(t, { size: '1mb', wipe: true });
  for (let round = 0; round < 5; round += 1) {
    const child = startChild(t, 'set-and-delete', [dict.name, SECRET]);
    await child.next();
    await child.kill();
    // The next owner of each shard's lock wipes what the killed one was about to.
    for (let number = 0; number < 1000; number += 1) dict.delete(`any ${number}`);
    dict.delete('key');
    t.false(holdsSecret(dict));
  }
});

test('every handle wipes, whatever it was opened with', (t) => {
  const dict = makeDict(t, { size: '1mb', wipe: true });
  const other = SharedDict.open(dict.name);
  t.teardown(() => other.close());
  other.set('key', SECRET);
  other.delete('key');
  t.false(holdsSecret(dict));
  const ring = makeRing(t, { size: '64kb', wipe: true });
  const receiver = SharedRing.open(ring.name);
  t.teardown(() => receiver.close());
  ring.trySend(SECRET);
  t.is(receiver.tryReceive()?.toString(), SECRET);
  t.false(holdsSecret(ring));
});

for (const [name, secret] of [['a short job', SECRET], ['a long job', SECRET.repeat(2000)], ['an object', { password: SECRET }]] as const) {
  test(`with wipe, ${name} that is done leaves nothing in the queue`, (t) => {
    const queue = makeQueue(t, { size: '1mb', wipe: true, maxAttempts: 1 });
    const id = SECRET.slice(8);
    queue.push(secret, { id });
    queue.push(secret);
    t.true(holdsSecret(queue));
    for (const job of claimAll(queue)) {
      if (job.id === id) job.done();
      else job.fail();
    }
    t.true(holdsSecret(queue));
    t.true(queue.discard('2'));
    t.false(holdsSecret(queue));
  });

  test(`with wipe, nothing is left of ${name} whose value is replaced`, (t) => {
    const queue = makeQueue(t, { size: '1mb', wipe: true });
    queue.push(secret);
    const job = claimed(queue);
    job.update('x'.repeat(500));
    t.false(holdsSecret(queue));
    job.update(secret);
    job.update('x');
    t.false(holdsSecret(queue));
  });
}

test('with wipe, a killed worker leaves nothing of the jobs that it had done', async (t) => {
  const queue = makeQueue(t, { size: '1mb', wipe: true });
  for (let round = 0; round < 5; round += 1) {
    const child = startChild(t, 'push-and-done', [queue.name, SECRET]);
    await child.next();
    await child.kill();
    // The next owner of the lock frees what the killed one had not.
    for (const job of claimAll(queue)) job.done();
    t.is(queue.stats().claimed, 0);
    t.false(holdsSecret(queue));
  }
});
