// Handles are no values: no copy of one is made, and none is stored. What `util.inspect` shows of them.
import fs from 'node:fs';
import { MessageChannel } from 'node:worker_threads';
import { inspect } from 'node:util';
import v8 from 'node:v8';
import test from 'ava';
import {
  lockFile,
  mapFile,
  mapMirror,
  MemoryFile,
  type MutexGuard,
  type NamedObject,
  SharedChannel,
  SharedDict,
  SharedMutex,
  SharedSegment,
  tryLockFile,
} from 'shmkit';
import { KINDS } from '../conformance/kinds';
import { makeDict, makeDir } from '../support/dict';
import { throwsArgType } from '../support/throws';

/** One of each class whose objects are handles, open until the test ends. */
function makeHandles(t: Parameters<typeof makeDir>[0]): Array<[string, object]> {
  const dir = makeDir(t);
  const file = `${dir}/file`;
  fs.writeFileSync(file, 'text');
  const objects = KINDS.map((kind): [string, NamedObject] => [kind.title, kind.create('name', { dir })]);
  t.teardown(() => objects.forEach(([, object]) => object.close()));
  const mutex = objects.find(([, object]) => object instanceof SharedMutex)?.[1] as SharedMutex;
  const channel = objects.find(([, object]) => object instanceof SharedChannel)?.[1] as SharedChannel;
  const dict = objects.find(([, object]) => object instanceof SharedDict)?.[1] as SharedDict;
  const segment = objects.find(([, object]) => object instanceof SharedSegment)?.[1] as SharedSegment;
  return [
    ...objects,
    ['MutexGuard', mutex.tryLock() as MutexGuard],
    ['FileLock', tryLockFile(file) as object],
    ['MemoryMap', mapFile(file)],
    ['MemoryMap', mapMirror({ size: 65_536 })],
    ['MemoryFile', MemoryFile.from('text')],
    ['MemoryFile', segment.file()],
    ['Subscription', channel.subscribe()],
    ['Watch', dict.watch()],
  ];
}

test('handles: none can be cloned, posted or serialized, also as a part of a value', (t) => {
  const { port1, port2 } = new MessageChannel();
  for (const [title, handle] of makeHandles(t)) {
    for (const value of [handle, { handle }, [handle], new Map([['key', handle]])]) {
      for (const clone of [structuredClone, (it: unknown) => port1.postMessage(it)]) {
        t.throws(() => clone(value), { any: true, name: 'DataCloneError' }, title);
      }
      t.throws(() => v8.serialize(value), { message: /could not be cloned/ }, title);
    }
  }
  port1.close();
  port2.close();
});

for (const codec of ['structured', 'json'] as const) {
  test(`handles: none is stored by the codec ${codec}`, (t) => {
    const dict = makeDict(t, { size: '64kb', codec });
    for (const [title, handle] of makeHandles(t)) {
      for (const value of [handle, { handle }]) {
        throwsArgType(t, () => dict.set('key', value), title);
        throwsArgType(t, () => dict.swap('key', value), title);
        throwsArgType(t, () => dict.setMany([['key', value]]), title);
      }
    }
    t.is(dict.size, 0);
  });
}

test('handles: instanceof, private fields and methods are those of the class', (t) => {
  for (const [title, handle] of makeHandles(t)) {
    t.is(handle.constructor.name, title);
    t.true(handle instanceof handle.constructor);
    t.false(handle instanceof WeakSet);
  }
});

test('inspect: shows name, path, flags and use of every kind, and that a handle is closed', (t) => {
  const dir = makeDir(t);
  for (const kind of KINDS) {
    const object = kind.create('shown', { dir });
    const text = inspect(object);
    t.regex(text, new RegExp(`^${kind.title} \\{`), text);
    for (const part of [/name: 'shown'/, /owner: true/]) t.regex(text, part);
    t.true(text.includes(object.path), text);
    const reader = kind.open('shown', { dir, readOnly: true });
    t.regex(inspect(reader), /readOnly: true/);
    reader.close();
    t.is(inspect({ object }, { depth: 0 }), `{ object: [${kind.title}] }`);
    kind.Class.unlink('shown', { dir });
    t.regex(inspect(object), /unlinked: true/);
    object.close();
    t.regex(inspect(object), /closed: true/);
  }
});

test('inspect: shows entries and bytes in use of a dictionary, and changes no statistics', (t) => {
  const dict = makeDict(t, { size: '64kb', onFull: 'evict' });
  dict.set('a', 1);
  dict.get('a');
  dict.get('a');
  const before = dict.stats();
  const text = inspect(dict);
  t.regex(text, /entries: 1/);
  t.regex(text, new RegExp(`used: '${before.used} of 65536 bytes'`));
  t.regex(text, /evicts: true/);
  t.deepEqual(dict.stats(), before);
});

test('inspect: shows guards, locks of files, maps and cursors', async (t) => {
  const dir = makeDir(t);
  fs.writeFileSync(`${dir}/file`, 'text');
  const mutex = SharedMutex.create('name', { dir });
  const guard = mutex.tryLock() as MutexGuard;
  t.regex(inspect(guard), /^MutexGuard \{ name: 'name', token: \d+n \}$/);
  t.regex(inspect(mutex), new RegExp(`holder: \\{ pid: ${process.pid}`));
  guard.release();
  t.regex(inspect(guard), /released: true/);
  mutex.close();
  const lock = await lockFile(`${dir}/file`);
  t.regex(inspect(lock), /^FileLock \{ mode: 'exclusive', offset: 0, length: 0 \}$/);
  lock?.release();
  t.regex(inspect(lock), /released: true/);
  const map = mapFile(`${dir}/file`);
  t.is(inspect(map), 'MemoryMap { size: 4, readOnly: true }');
  t.is(inspect(map.file()), 'MemoryFile { position: 0, size: 4 }');
  map.close();
  t.is(inspect(map), 'MemoryMap { size: 4, readOnly: true, closed: true }');
});
