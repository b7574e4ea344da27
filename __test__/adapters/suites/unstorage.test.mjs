// The driver of unstorage as its own drivers are tested: without a base, under one, and over a dictionary of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedDict } from 'shmkit';
import shmDriver from 'shmkit/unstorage';
import { createStorage, prefixStorage, restoreSnapshot, snapshot } from 'unstorage';
import { makeDict } from './host.mjs';

let names = 0;

/** Each returns a driver. */
const DRIVERS = {
  'over a dictionary': (t) => shmDriver({ dict: makeDict(t) }),
  'under a base': (t) => {
    const dict = makeDict(t);
    dict.set('foreign', 'of another program');
    t.mock.method(dict, 'close', () => assert.equal(dict.get('foreign'), 'of another program'));
    return shmDriver({ dict, base: 'app' });
  },
  'by name': (t) => {
    const name = `adapters-unstorage-${process.pid}-${(names += 1)}`;
    t.after(() => SharedDict.unlink(name));
    return shmDriver({ name, size: '1mb', base: 'b' });
  },
};

async function keysOf(storage, ...args) {
  return (await storage.getKeys(...args)).toSorted();
}

for (const [title, makeDriver] of Object.entries(DRIVERS)) {
  const suite = (what, work) => {
    test(`unstorage ${title}: ${what}`, async (t) => {
      const storage = createStorage({ driver: makeDriver(t) });
      t.after(() => storage.dispose());
      await work(storage);
    });
  };

  suite('is empty at first, and takes a snapshot', async (storage) => {
    assert.deepEqual([await storage.hasItem('s1:a'), await storage.getItem('s2:a'), await storage.getKeys()], [false, null, []]);
    await restoreSnapshot(storage, { 'a:b': 'text', 'c': 7 });
    assert.deepEqual(await snapshot(storage, ''), { 'a:b': 'text', 'c': 7 });
  });

  suite('finds an item whatever the query string of its key', async (storage) => {
    await storage.setItem('s3:a?q=1', 'data');
    assert.deepEqual([await storage.hasItem('s3:a'), await storage.getItem('s3:a?q=2')], [true, 'data']);
    assert.equal(await storage.getItem('s3/a'), 'data');
  });

  suite('lists keys, those under a base, and those up to a depth', async (storage) => {
    const keys = ['top', 'a:one', 'a:two', 'a:b:three', 'ab:four'];
    for (const key of keys) await storage.setItem(key, 'data');
    assert.deepEqual(await keysOf(storage), keys.toSorted());
    assert.deepEqual(await keysOf(storage, 'a'), ['a:b:three', 'a:one', 'a:two']);
    assert.deepEqual(await keysOf(storage, undefined, { maxDepth: 0 }), ['top']);
    assert.deepEqual(await keysOf(storage, undefined, { maxDepth: 1 }), ['a:one', 'a:two', 'ab:four', 'top']);
  });

  suite('keeps objects, primitives, and what toJSON makes of others', async (storage) => {
    for (const value of [{ json: 'works' }, true, false, 0, 'text', '', [1, { two: 2 }]]) {
      await storage.setItem('value', value);
      assert.deepEqual(await storage.getItem('value'), value);
    }
    await storage.setItem('made', { toJSON: () => ({ made: 1 }) });
    assert.deepEqual(await storage.getItem('made'), { made: 1 });
    await assert.rejects(storage.setItem('bad', new Map()), /stringify/u);
  });

  suite('keeps bytes as they are', async (storage) => {
    const bytes = Uint8Array.of(1, 0, 255);
    await storage.setItemRaw('raw.bin', bytes);
    assert.deepEqual(Uint8Array.from(await storage.getItemRaw('raw.bin')), bytes);
    assert.equal(await storage.getItemRaw('missing'), null);
  });

  suite('stores and returns several items at once', async (storage) => {
    await storage.setItems([{ key: 't:1', value: 'one' }, { key: 't:2', value: 'two', options: { ttl: 60 } }]);
    assert.deepEqual(await storage.getItems([{ key: 't:2' }, 't:1', 't:missing']), [{ key: 't:2', value: 'two' }, { key: 't:1', value: 'one' }, { key: 't:missing', value: null }]);
    assert.ok((await storage.getMeta('t:2')).ttl > 20);
  });

  suite('tells meta data, and removes it with the item', async (storage) => {
    await storage.setItem('a', 'data');
    await storage.setMeta('a', { owner: 'ann' });
    assert.equal((await storage.getMeta('a')).owner, 'ann');
    await storage.removeItem('a', { removeMeta: true });
    assert.deepEqual([await storage.hasItem('a'), Object.keys(await storage.getMeta('a'))], [false, []]);
  });

  suite('removes an item whose time is over or not to come', async (storage) => {
    await storage.setItem('a', 'data');
    await storage.setItem('a', 'data', { ttl: -1 });
    assert.equal(await storage.hasItem('a'), false);
  });

  suite('clears a base, or everything, also when there is nothing', async (storage) => {
    for (const key of ['a:1', 'a:2', 'b:1']) await storage.setItem(key, 'data');
    // unstorage itself clears whole mounts only.
    await storage.getMount('').driver.clear('a:');
    assert.deepEqual(await keysOf(storage), ['b:1']);
    for (let time = 0; time < 2; time += 1) {
      await storage.clear();
      assert.deepEqual(await storage.getKeys(), []);
    }
  });

  suite('moves and takes items, under a prefix too', async (storage) => {
    const prefixed = prefixStorage(storage, 'p');
    await prefixed.setItem('a', 'data');
    assert.deepEqual(await keysOf(storage), ['p:a']);
    assert.deepEqual(await keysOf(prefixed), ['a']);
    await prefixed.removeItem('a');
    assert.equal(await storage.hasItem('p:a'), false);
  });
}

test('unstorage by name: a changed size shares what is there, unless onMismatch says otherwise', async (t) => {
  const name = `adapters-unstorage-${process.pid}-sizes`;
  t.after(() => SharedDict.unlink(name));
  const open = (options) => {
    const storage = createStorage({ driver: shmDriver({ name, ...options }) });
    t.after(() => storage.dispose());
    return storage;
  };
  const before = open({ size: '1mb' });
  await before.setItem('a', 'data');
  const after = open({ size: '2mb', onFull: 'evict' });
  assert.equal(await after.getItem('a'), 'data');
  await after.setItem('b', 'new');
  assert.equal(await before.getItem('b'), 'new');
  assert.throws(() => open({ size: '2mb', onMismatch: 'error' }), { code: 'ERR_SHM_OPTIONS_MISMATCH' });
});

test('unstorage by name: disposing closes the dictionary, and leaves it to others', async (t) => {
  const name = `adapters-unstorage-${process.pid}-disposed`;
  t.after(() => SharedDict.unlink(name));
  const [one, other] = [1, 2].map(() => createStorage({ driver: shmDriver({ name, size: '1mb' }) }));
  await one.setItem('a', 'data');
  await one.dispose();
  await assert.rejects(async () => one.getItem('a'), { code: 'ERR_SHM_CLOSED' });
  assert.equal(await other.getItem('a'), 'data');
  await other.dispose();
});
