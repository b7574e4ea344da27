import test from 'ava';
import * as shmkit from 'shmkit';
import { SharedDict, SharedLocks, SharedMutex, SharedRing, SharedSegment, SharedSemaphore } from 'shmkit';
import { makeDict, testName, uniqueName } from '../support/dict';

type Call = readonly [title: string, call: (options: object) => unknown, misspelt: string, nearest: string];

const name = uniqueName();

/** Calls of classes and functions, with an option that does not exist and the one that is nearest to it. */
const STATIC: readonly Call[] = [
  ['SharedDict.create', (options) => SharedDict.create(name, { size: '1mb', ...options }), 'onful', 'onFull'],
  ['SharedDict.openOrCreate', (options) => SharedDict.openOrCreate(name, { size: '1mb', ...options }), 'LockTimeOut', 'lockTimeout'],
  ['SharedDict.openOrCreate', (options) => SharedDict.openOrCreate(name, { size: '1mb', ...options }), 'readOnly', 'replace'],
  ['SharedDict.open', (options) => SharedDict.open(name, options), 'readonly', 'readOnly'],
  ['the option localCache', (localCache) => SharedDict.open(name, { localCache }), 'maxEntrys', 'maxEntries'],
  ['SharedMutex.create', (options) => SharedMutex.create(name, options), 'presist', 'persist'],
  ['SharedSemaphore.create', (options) => SharedSemaphore.create(name, 1, options), 'holder', 'holders'],
  ['SharedLocks.create', (options) => SharedLocks.create(name, options), 'capasity', 'capacity'],
  ['SharedRing.create', (options) => SharedRing.create(name, { size: '1mb', ...options }), 'sise', 'size'],
  ['SharedSegment.create', (options) => SharedSegment.create(name, { size: 10, ...options }), 'date', 'data'],
  ['SharedSegment.create', (options) => SharedSegment.create(name, { size: 10, ...options }), 'replace', 'lock'],
  ...[SharedDict, SharedMutex, SharedSemaphore, SharedLocks, SharedRing, SharedSegment].flatMap((Class): Call[] => [
    [`${Class.name}.open`, (options) => Class.open(name, options), 'trustUid', 'trustUids'],
    [`${Class.name}.unlink`, (options) => Class.unlink(name, options), 'dri', 'dir'],
    [`${Class.name}.prune`, (options) => Class.prune(options), 'folder', 'dir'],
    [`${Class.name}.list`, (options) => Class.list(options), 'Dir', 'dir'],
  ]),
  ['mapFile', (options) => shmkit.mapFile(null, { length: 4096, ...options }), 'ofset', 'offset'],
  ['mapMirror', (options) => shmkit.mapMirror({ size: 4096, ...options }), 'time', 'times'],
  ['tryLockFile', (options) => shmkit.tryLockFile(__filename, options), 'timeout', 'mode'],
  ['lockFileSync', (options) => shmkit.lockFileSync(__filename, options), 'offsets', 'offset'],
  ['lockFile', (options) => shmkit.lockFile(__filename, options), 'lenght', 'length'],
  ['MemoryMap.flush', (options) => shmkit.mapFile(null, { length: 4096 }).flush(options), 'asynch', 'async'],
  ['MemoryFile.lines', (options) => shmkit.mapFile(null, { length: 4096 }).file().lines(options), 'keepEnds', 'keepEnd'],
];

function refusal(call: Call): { code: string; message: RegExp } {
  return { code: 'ERR_INVALID_ARG_VALUE', message: new RegExp(`"options\\.(localCache\\.)?${call[2]}".*nearest is "${call[3]}"`) };
}

for (const call of STATIC) {
  test(`${call[0]} refuses the unknown option ${call[2]} and names the nearest one`, async (t) => {
    const error = await Promise.resolve().then(() => call[1]({ [call[2]]: 1 })).catch((reason: unknown) => reason);
    t.true(error instanceof TypeError, String(error));
    t.like(error, { code: 'ERR_INVALID_ARG_VALUE' });
    t.regex((error as Error).message, refusal(call).message);
  });
}

test('SharedDict: methods refuse an unknown option, name the nearest one, and change nothing', (t) => {
  const dict = makeDict(t);
  dict.set('k', 1);
  const calls: readonly Call[] = [
    ['set', (options) => dict.set('k', 2, options), 'ex', 'ttl'],
    ['set', (options) => dict.set('k', 2, options), 'ifabsent', 'ifAbsent'],
    ['add', (options) => dict.add('j', 2, options), 'ifAbsent', 'expiresAt'],
    ['replace', (options) => dict.replace('k', 2, options), 'TTL', 'ttl'],
    ['swap', (options) => dict.swap('k', 2, options), 'keepTTl', 'keepTtl'],
    ['delete', (options) => dict.delete('k', options), 'version', 'ifVersion'],
    ['incr', (options) => dict.incr('k', 1, options as { init: number }), 'inits', 'init'],
    ['expire', (options) => dict.expire('k', options), 'expireAt', 'expiresAt'],
    ['getAndExpire', (options) => dict.getAndExpire('k', options), 'keepTtl', 'ttl'],
    ['update', (options) => dict.update('k', () => 2, options), 'ttI', 'ttl'],
    ['setMany', (options) => dict.setMany([['k', 2]], options), 'ifPressent', 'ifPresent'],
    ['keys', (options) => dict.keys(options), 'prefixes', 'prefix'],
  ];
  for (const call of calls) {
    t.throws(() => call[1]({ [call[2]]: 1 }), refusal(call), call[0]);
  }
  t.is(dict.get('k'), 1);
  t.is(dict.ttl('k'), 0);
  t.is(dict.size, 1);
});

test('waits, requests and streams refuse unknown options', async (t) => {
  const make = <T extends { close(): void }>(object: T): T => {
    t.teardown(() => object.close());
    return object;
  };
  const mutex = make(SharedMutex.create(testName(t)));
  const semaphore = make(SharedSemaphore.create(testName(t), 1));
  const locks = make(SharedLocks.create(testName(t)));
  const ring = make(SharedRing.create(testName(t), '64kb'));
  const calls: readonly Call[] = [
    ['lock', (options) => mutex.lock(options), 'timeOuts', 'timeout'],
    ['acquire', (options) => semaphore.acquire(options), 'permits', 'timeout'],
    ['request', (options) => locks.request('a', options, () => 1), 'ifAvailible', 'ifAvailable'],
    ['send', (options) => ring.send('x', options), 'singal', 'signal'],
    ['receive', (options) => ring.receive(options), 'time', 'timeout'],
    ['readable', (options) => ring.readable(options), 'highwatermarks', 'highWaterMark'],
    ['writable', (options) => ring.writable(options), 'objectMode', 'highWaterMark'],
  ];
  for (const call of calls) {
    const error = await Promise.resolve().then(() => call[1]({ [call[2]]: 1 })).catch((reason: unknown) => reason);
    t.like(error, { code: 'ERR_INVALID_ARG_VALUE' }, call[0]);
    t.regex((error as Error).message, new RegExp(`"options\\.${call[2]}"`), call[0]);
  }
  t.is(semaphore.value, 1);
  t.is(ring.stats().messages, 0);
});

test('options: names that an object inherits are no options, and undefined ones count', (t) => {
  const dict = makeDict(t);
  t.true(dict.set('k', 1, Object.create({ inherited: 1, ex: 60 }) as object));
  t.throws(() => dict.set('k', 1, { ex: undefined } as object), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => dict.set('k', 1, JSON.parse('{"__proto__":1}') as object), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => dict.set('k', 1, { toString: 1 } as object), { code: 'ERR_INVALID_ARG_VALUE' });
});

test('openOrCreate of every kind refuses replace', (t) => {
  const refused = { code: 'ERR_INVALID_ARG_VALUE' };
  t.throws(() => SharedDict.openOrCreate(name, { size: '1mb', replace: true }), refused);
  t.throws(() => SharedMutex.openOrCreate(name, { replace: true }), refused);
  t.throws(() => SharedSemaphore.openOrCreate(name, 1, { replace: true }), refused);
  t.throws(() => SharedLocks.openOrCreate(name, { replace: true }), refused);
  t.throws(() => SharedRing.openOrCreate(name, { size: '1mb', replace: true }), refused);
});

test('options: a Date, a signal and other objects in their place are refused', async (t) => {
  const dict = makeDict(t);
  dict.set('k', 1, 60);
  const semaphore = SharedSemaphore.create(testName(t), 0);
  t.teardown(() => semaphore.close());
  const { signal } = new AbortController();
  const calls: ReadonlyArray<(options: never) => unknown> = [
    (options) => dict.set('k', 2, options),
    (options) => dict.add('j', 2, options),
    (options) => dict.replace('k', 2, options),
    (options) => dict.swap('k', 2, options),
    (options) => dict.update('k', () => 2, options),
    (options) => dict.incr('k', 1, options),
    (options) => dict.setMany([['k', 2]], options),
    (options) => dict.setMany([['k', 2, options]]),
    (options) => dict.expire('k', options),
    (options) => dict.getOrSet('j', () => 2, options),
    (options) => dict.waitFor('k', options),
    (options) => dict.keys(options),
    (options) => semaphore.acquire(options),
    (options) => SharedDict.list(options),
  ];
  for (const options of [new Date(Date.now() + 60_000), signal, new Map([['ttl', 60]]), [], /x/, dict]) {
    for (const call of calls) {
      const error = await Promise.resolve().then(() => call(options as never)).catch((reason: unknown) => reason);
      t.like(error, { code: 'ERR_INVALID_ARG_TYPE' }, `${call.toString()} ${Object.prototype.toString.call(options)}`);
    }
  }
  t.is(dict.get('k'), 1);
  t.true((dict.ttl('k') as number) > 50);
  t.true(dict.set('k', 2, {}));
});

test('values and entries refuse options, which only keys has', (t) => {
  const dict = makeDict(t);
  for (const iterate of ['values', 'entries'] as const) {
    t.throws(() => (dict[iterate] as (options: object) => unknown)({ prefix: 'a' }), { code: 'ERR_INVALID_ARG_VALUE', message: /keys\(\{ prefix \}\)/ });
  }
});
