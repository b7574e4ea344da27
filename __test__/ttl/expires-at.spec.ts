import test, { type ExecutionContext } from 'ava';
import type { SharedDict } from 'shmkit';
import { makeDict, openAgain } from '../support/dict';
import { throwsArgType, throwsArgument, throwsArgValue } from '../support/throws';

/** Every write with an expiry, as a call that returns what the write returns. `a` must hold 1. */
const WRITES: ReadonlyArray<readonly [string, (dict: SharedDict, options: { expiresAt: Date | number }) => unknown, unknown]> = [
  ['set', (dict, options) => dict.set('a', 2, options), true],
  ['set with ifPresent', (dict, options) => dict.set('a', 2, { ...options, ifPresent: true }), true],
  ['replace', (dict, options) => dict.replace('a', 2, options), true],
  ['swap', (dict, options) => dict.swap('a', 2, options), 1],
  ['update', (dict, options) => dict.update('a', (value) => (value as number) + 1, options), 2],
  ['setMany', (dict, options) => dict.setMany([['a', 2], ['a', { n: 3 }]], options), 2],
  ['incr', (dict, options) => dict.incr('a', 1, options), 2],
  ['expire', (dict, options) => dict.expire('a', options), true],
  ['getAndExpire', (dict, options) => dict.getAndExpire('a', options), 1],
];

function inTime(t: ExecutionContext, seconds: number | undefined): void {
  t.true(seconds !== undefined && seconds > 55 && seconds <= 60, `${seconds} s`);
}

for (const [name, write, result] of WRITES) {
  test(`${name} with expiresAt sets the point in time, as a Date or in milliseconds`, (t) => {
    const dict = makeDict(t);
    for (const expiresAt of [new Date(Date.now() + 60_000), Date.now() + 60_000]) {
      dict.set('a', 1);
      t.is(write(dict, { expiresAt }), result);
      inTime(t, dict.ttl('a'));
    }
  });

  test(`${name} with an expiresAt that is not later than now removes the key and returns the same`, (t) => {
    const dict = makeDict(t);
    const other = openAgain(t, dict);
    for (const expiresAt of [new Date(Date.now() - 1), 0, -1, Date.now()]) {
      dict.set('a', 1);
      t.is(other.get('a'), 1);
      t.is(write(dict, { expiresAt }), result);
      t.is(other.get('a'), undefined);
      t.is(dict.size, 0);
    }
    t.true(dict.verify().ok);
  });

  test(`${name} refuses an expiresAt that is no time, or that comes with a ttl`, (t) => {
    const dict = makeDict(t);
    dict.set('a', 1);
    const refused = (options: object) => () => write(dict, options as { expiresAt: number });
    t.is((t.throws(refused({ expiresAt: new Date(NaN) })) as Error & { code: string }).code, 'ERR_INVALID_ARG_VALUE');
    t.is((t.throws(refused({ expiresAt: 1, ttl: 1 })) as Error & { code: string }).code, 'ERR_INVALID_ARG_VALUE');
    throwsArgType(t, refused({ expiresAt: '2030-01-01' }));
    for (const expiresAt of [NaN, Infinity]) throwsArgValue(t, refused({ expiresAt }));
    throwsArgument(t, refused({ expiresAt: 1, keepTtl: true }));
    t.is(dict.get('a'), 1);
    t.is(dict.ttl('a'), 0);
  });
}

test('add with an expiresAt in the past returns true and stores nothing when the key is missing', (t) => {
  const dict = makeDict(t);
  t.is(dict.add('a', 1, { expiresAt: 0 }), true);
  t.false(dict.has('a'));
  dict.set('a', 1);
  t.is(dict.add('a', 2, { expiresAt: 0 }), false);
  t.is(dict.get('a'), 1);
});

test('conditions come first: a write whose condition fails does not remove the key', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  t.is(dict.set('a', 2, { expiresAt: 0, ifAbsent: true }), false);
  t.is(dict.set('a', 2, { expiresAt: 0, ifVersion: 1n }), false);
  t.is(dict.get('a'), 1);
  t.is(dict.replace('b', 2, { expiresAt: 0 }), false);
  t.is(dict.set('b', 2, { expiresAt: 0, ifVersion: 0n }), true);
  t.is(dict.size, 1);
});

test('incr with an expiresAt in the past returns the sum of init and delta of a missing key', (t) => {
  const dict = makeDict(t);
  t.is(dict.incr('a', 1, { init: 5, expiresAt: 0 }), 6);
  t.is(dict.incr('a', 1, { expiresAt: 0 }), undefined);
  t.is(dict.size, 0);
});

test('set with an expiresAt in the past removes lists, chained and expired entries', (t) => {
  const dict = makeDict(t);
  dict.rpush('list', 'x');
  dict.set('chain', 'x'.repeat(100_000));
  for (const key of ['list', 'chain', 'missing']) {
    t.is(dict.set(key, 1, { expiresAt: 0 }), true);
    t.false(dict.has(key));
  }
  t.true(dict.verify().ok);
});

test('persist removes the expiry and returns whether the key exists', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1, 60);
  dict.rpush('l', 1);
  dict.expire('l', 60);
  for (const key of ['a', 'l', 'a']) {
    t.is(dict.persist(key), true);
    t.is(dict.ttl(key), 0);
  }
  t.is(dict.persist('missing'), false);
});

test('getAndExpire returns the value and renews its expiry in one step', (t) => {
  const dict = makeDict(t);
  const values = ['text', 7, 7n, true, null, Buffer.from('bytes'), { an: 'object' }, 'x'.repeat(100_000)];
  for (const value of values) {
    dict.set('a', value, 10);
    t.deepEqual(dict.getAndExpire('a', 60), value);
    inTime(t, dict.ttl('a'));
    t.deepEqual(dict.getAndExpire('a', 0), value);
    t.is(dict.ttl('a'), 0);
    t.deepEqual(dict.getAndExpire('a', { ttl: 60 }), value);
    inTime(t, dict.ttl('a'));
  }
  t.is(dict.getAndExpire('missing', 60), undefined);
  t.is(dict.stats().misses, 1);
});

test('getAndExpire refuses a list and a missing expiry, and changes nothing', (t) => {
  const dict = makeDict(t);
  dict.rpush('l', 1);
  t.like(t.throws(() => dict.getAndExpire('l', 60)), { code: 'ERR_SHM_WRONG_TYPE' });
  t.is(dict.ttl('l'), 0);
  dict.set('a', 1);
  for (const ttl of [undefined, {}, 'soon']) throwsArgType(t, () => dict.getAndExpire('a', ttl as never));
  t.is(dict.ttl('a'), 0);
});

/** Milliseconds: much more than the clocks differ. */
const SLOW = 250;

/** Lets this much time pass, as a slow function or loader does. */
function passTime(milliseconds: number): void {
  for (const end = Date.now() + milliseconds; Date.now() < end; );
}

function* slowly(...entries: Array<[string, unknown]>): Generator<[string, unknown]> {
  for (const entry of entries) {
    yield entry;
    passTime(SLOW);
  }
}

/** Writes whose value is made after the call, with the keys that they store. */
const SLOW_WRITES: ReadonlyArray<readonly [string, (dict: SharedDict, options: { expiresAt: number }) => unknown, readonly string[]]> = [
  ['getOrSet', (dict, options) => dict.getOrSet('a', () => undefined, options).then(() => dict.getOrSet('b', slowLoader, options)), ['b']],
  ['update', (dict, options) => dict.update('a', () => slowLoader(), options), ['a']],
  ['setMany', (dict, options) => dict.setMany(slowly(['a', 1], ['b', 2], ['c', { n: 3 }]), options), ['a', 'b', 'c']],
];

function slowLoader(): number {
  passTime(SLOW);
  return 1;
}

for (const [name, write, keys] of SLOW_WRITES) {
  test(`${name} with expiresAt: what it stores later expires no later`, async (t) => {
    const dict = makeDict(t);
    const expiresAt = Date.now() + 60_000;
    await write(dict, { expiresAt });
    for (const key of keys) {
      const before = Date.now();
      const end = (dict.ttl(key) as number) * 1000;
      // Both hold however long this process waits for the processor between them.
      t.true(end < expiresAt - before + SLOW / 2, `${key}: ${end} ms`);
      t.true(end > expiresAt - Date.now() - SLOW / 2, `${key}: ${end} ms`);
    }
  });

  test(`${name} with expiresAt: nothing is there when that is past before it is stored`, async (t) => {
    const dict = makeDict(t);
    await write(dict, { expiresAt: Date.now() + 50 });
    t.deepEqual(keys.filter((key) => dict.has(key)), []);
  });
}

test('setMany keeps apart the points in time of its entries', (t) => {
  const dict = makeDict(t);
  const now = Date.now();
  dict.setMany([['a', 1, { expiresAt: now + 60_000 }], ['b', 2, { expiresAt: now + 120_000 }], ['c', 3, 30], ['d', 4]], { expiresAt: now + 240_000 });
  t.deepEqual(['a', 'b', 'c', 'd'].map((key) => Math.ceil((dict.ttl(key) as number) / 10) * 10), [60, 120, 30, 240]);
});
