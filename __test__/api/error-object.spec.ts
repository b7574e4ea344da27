import test, { type ExecutionContext } from 'ava';
import { SharedDict, SharedLocks, SharedMutex, SharedRing, SharedSegment, SharedSemaphore, type ShmErrorCode } from 'shmkit';
import { makeDict, openAgain, testName } from '../support/dict';
import { nameFor } from '../support/names';
import { setFromTheFuture } from '../support/patch';
import { makeRing } from '../support/ring';
import { rejectsShm, throwsArgType, throwsShm } from '../support/throws';

/** Asserts that the call fails with this code, and that the error tells object and key; the message names the object alone. */
function tells(t: ExecutionContext, call: () => unknown, code: ShmErrorCode, object: { kind: string; name: string }, key?: string): void {
  const error = throwsShm(t, call, code);
  t.deepEqual(error.object, object as never, error.message);
  t.is(error.key, key);
  t.true(error.message.includes(JSON.stringify(object.name)), error.message);
  if (key !== undefined) t.false(error.message.includes(key), error.message);
}

test('errors of a dictionary tell its name and the key', (t) => {
  const dict = makeDict(t, { size: '64kb' });
  const object = { kind: 'dict', name: dict.name };
  dict.set('a text', 'text');
  dict.rpush('some list', 1);
  dict.set('a number', Number.MAX_VALUE);
  tells(t, () => dict.get('some list'), 'ERR_SHM_WRONG_TYPE', object, 'some list');
  tells(t, () => dict.getEntry('some list'), 'ERR_SHM_WRONG_TYPE', object, 'some list');
  tells(t, () => dict.rpush('a text', 1), 'ERR_SHM_WRONG_TYPE', object, 'a text');
  tells(t, () => dict.incr('a number', Number.MAX_VALUE), 'ERR_SHM_OVERFLOW', object, 'a number');
  const long = 'k'.repeat(70_000);
  tells(t, () => dict.set(long, 1), 'ERR_SHM_TOO_LARGE', object, long);
  const wide = '東京'.repeat(40);
  dict.set(wide, 'text');
  tells(t, () => dict.lpop(wide), 'ERR_SHM_WRONG_TYPE', object, wide);
});

test('an error within several keys tells the key at which it happened', (t) => {
  const dict = makeDict(t, { size: '64kb' });
  const fill = (): unknown => dict.setMany(Array.from({ length: 200 }, (_, index): [string, string] => [`key ${index} 東`, 'x'.repeat(1000)]));
  const error = throwsShm(t, fill, 'ERR_SHM_FULL');
  t.is(error.key, `key ${error.count ?? -1} 東`);
  t.deepEqual(error.object, { kind: 'dict', name: dict.name });
});

test('errors of values that cannot be read tell dictionary and key', (t) => {
  const dict = makeDict(t);
  const object = { kind: 'dict', name: dict.name };
  setFromTheFuture(dict, 'future');
  for (const call of [() => dict.get('future'), () => dict.getEntry('future'), () => dict.update('future', () => 1)]) {
    tells(t, call, 'ERR_SHM_UNSUPPORTED', object, 'future');
  }
  const strict = openAgain(t, dict, { accept: ['json'] });
  dict.set('plain text', 'x');
  tells(t, () => strict.get('plain text'), 'ERR_SHM_UNSUPPORTED', object, 'plain text');
});

test('calls of a read-only handle and of a closed one tell the object', (t) => {
  const dict = makeDict(t);
  const object = { kind: 'dict', name: dict.name };
  const reader = openAgain(t, dict, { readOnly: true });
  tells(t, () => reader.set('some key', 1), 'ERR_SHM_READONLY', object, 'some key');
  tells(t, () => reader.clear(), 'ERR_SHM_READONLY', object);
  const other = makeDict(t);
  dict.close();
  other.close();
  tells(t, () => dict.get('some key'), 'ERR_SHM_CLOSED', object, 'some key');
  tells(t, () => dict.size, 'ERR_SHM_CLOSED', object);
  tells(t, () => dict.set('some key', {}), 'ERR_SHM_CLOSED', object, 'some key');
  tells(t, () => [...dict], 'ERR_SHM_CLOSED', object);
  tells(t, () => other.size, 'ERR_SHM_CLOSED', { kind: 'dict', name: other.name });
});

test('an iterator of a handle that was closed tells the object', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  dict.set('b', 1);
  const keys = dict.keys();
  keys.next();
  dict.close();
  tells(t, () => keys.next(), 'ERR_SHM_CLOSED', { kind: 'dict', name: dict.name });
});

const KINDS = [
  ['dict', SharedDict, (name: string) => SharedDict.create(name, '64kb'), (object: SharedDict) => object.size],
  ['locks', SharedLocks, (name: string) => SharedLocks.create(name), (object: SharedLocks) => object.query()],
  ['mutex', SharedMutex, (name: string) => SharedMutex.create(name), (object: SharedMutex) => object.tryLock()],
  ['ring', SharedRing, (name: string) => SharedRing.create(name, '64kb'), (object: SharedRing) => object.stats()],
  ['segment', SharedSegment, (name: string) => SharedSegment.create(name, { size: 1 }), (object: SharedSegment) => object.size],
  ['semaphore', SharedSemaphore, (name: string) => SharedSemaphore.create(name, 1), (object: SharedSemaphore) => object.value],
] as const;

for (const [kind, Class, create, use] of KINDS) {
  test(`errors of opening, creating and using a ${kind} tell its kind and name`, (t) => {
    const name = nameFor(t, Class);
    tells(t, () => Class.open(name), 'ERR_SHM_NOT_FOUND', { kind, name });
    const object = create(name);
    t.teardown(() => object.close());
    tells(t, () => create(name), 'ERR_SHM_EXISTS', { kind, name });
    object.close();
    tells(t, () => use(object as never), 'ERR_SHM_CLOSED', { kind, name });
    tells(t, () => create('no/path'), 'ERR_SHM_INVALID_NAME', { kind, name: 'no/path' });
  });
}

test('an error of a wait tells the object', async (t) => {
  const ring = makeRing(t);
  const waiting = ring.receive();
  ring.close();
  const error = await rejectsShm(t, waiting, 'ERR_SHM_CLOSED');
  t.deepEqual(error.object, { kind: 'ring', name: ring.name });
  const dict = makeDict(t);
  const loading = dict.getOrSet('slow key', () => new Promise(() => {}), { timeout: 0.01 });
  const late = await rejectsShm(t, loading, 'ERR_SHM_TIMEOUT');
  t.deepEqual([late.object, late.key], [{ kind: 'dict', name: dict.name }, 'slow key']);
});

test('update that loses every race throws ERR_SHM_CONTENTION', (t) => {
  const dict = makeDict(t);
  let count = 0;
  const change = () => {
    count += 1;
    dict.set('contended', count);
    return count;
  };
  tells(t, () => dict.update('contended', change), 'ERR_SHM_CONTENTION', { kind: 'dict', name: dict.name }, 'contended');
});

test('a missing size is the same error whichever call misses it', (t) => {
  const name = testName(t);
  for (const Class of [SharedDict, SharedRing]) {
    for (const call of [() => Class.create(name, {} as never), () => Class.create(name, undefined as never)]) throwsArgType(t, call, Class.name);
  }
  for (const call of [() => SharedRing.openOrCreate(name), () => SharedRing.openOrCreate(name, {})]) throwsArgType(t, call, 'SharedRing');
  for (const { open, create, openOrCreate } of [SharedDict, SharedRing]) {
    for (const call of [open, create, openOrCreate]) {
      const error = t.throws(() => call({} as never, {} as never)) as Error;
      t.regex(error.message, /"name"/);
    }
  }
});
