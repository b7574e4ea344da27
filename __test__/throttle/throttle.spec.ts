import test from 'ava';
import { now, reach } from '../support/clock';
import { startChild } from '../support/child';
import { makeDict, openAgain } from '../support/dict';
import { throwsArgType, throwsArgValue, throwsShm } from '../support/throws';

const HOURLY = { limit: 10, window: 3600 };

test('throttle allows the burst, then refuses and says when to try again', (t) => {
  const dict = makeDict(t);
  for (let left = 9; left >= 0; left -= 1) {
    const { allowed, remaining, retryAfter } = dict.throttle('k', HOURLY);
    t.deepEqual({ allowed, remaining, retryAfter }, { allowed: true, remaining: left, retryAfter: 0 });
  }
  const refused = dict.throttle('k', HOURLY);
  t.is(refused.allowed, false);
  t.is(refused.remaining, 0);
  t.true(refused.retryAfter > 359 && refused.retryAfter <= 360, `${refused.retryAfter}`);
  t.true(refused.resetAfter > 3599 && refused.resetAfter <= 3600, `${refused.resetAfter}`);
});

test('throttle: a refused call takes nothing, and a cost of 0 only looks', (t) => {
  const dict = makeDict(t);
  t.deepEqual(dict.throttle('k', { ...HOURLY, cost: 0 }), { allowed: true, remaining: 10, retryAfter: 0, resetAfter: 0 });
  t.false(dict.has('k'));
  t.is(dict.throttle('k', { ...HOURLY, cost: 7 }).remaining, 3);
  const { version } = dict.getEntry('k') as { version: bigint };
  t.false(dict.throttle('k', { ...HOURLY, cost: 4 }).allowed);
  t.is(dict.throttle('k', { ...HOURLY, cost: 0 }).remaining, 3);
  t.is(dict.getEntry('k')?.version, version);
  t.true(dict.throttle('k', { ...HOURLY, cost: 3 }).allowed);
});

test('throttle with a burst of 1 spaces calls evenly, and allows the next one when it said', async (t) => {
  const dict = makeDict(t);
  const evenly = { limit: 20, window: 1, burst: 1 };
  const start = now();
  for (let taken = 0; taken < 5; ) {
    const { allowed, retryAfter } = dict.throttle('k', evenly);
    if (allowed) taken += 1;
    else await reach(now() + retryAfter);
  }
  t.true(now() - start >= 0.2, `5 calls, 50 ms apart, took ${now() - start} s`);
});

test('throttle: a limiter expires once everything is available again', async (t) => {
  const dict = makeDict(t);
  const quick = { limit: 100, window: 1 };
  const { resetAfter } = dict.throttle('k', { ...quick, cost: 3 });
  t.true(Math.abs((dict.ttl('k') as number) - resetAfter) < 0.02);
  await reach(now() + resetAfter);
  t.false(dict.has('k'));
  t.is(dict.throttle('k', quick).remaining, 99);
});

test('throttle: the value is a bigint, seen by every handle at once', (t) => {
  const dict = makeDict(t);
  const other = openAgain(t, dict);
  dict.throttle('k', HOURLY);
  t.is(typeof other.get('k'), 'bigint');
  t.is(other.throttle('k', HOURLY).remaining, 8);
  t.is(dict.get('k'), other.get('k'));
  t.is(dict.throttle('k', { ...HOURLY, cost: 0 }).remaining, 8);
});

test('throttle: several processes together are allowed exactly the burst', async (t) => {
  const dict = makeDict(t);
  const children = Array.from({ length: 4 }, (_, index) => startChild(t, 'compete', [dict.name, 'throttle', 500, index]));
  await Promise.all(children.map((child) => child.next()));
  for (const child of children) child.process.send('go');
  const allowed = await Promise.all(children.map((child) => child.next<number[]>()));
  t.is(allowed.flat().length, 1000, 'of 2000 calls');
});

test('throttle refuses other values, wrong options and read-only handles', (t) => {
  const dict = makeDict(t);
  dict.set('text', 'x');
  dict.set('number', 1);
  throwsShm(t, () => dict.throttle('text', HOURLY), 'ERR_SHM_WRONG_TYPE');
  throwsShm(t, () => dict.throttle('number', HOURLY), 'ERR_SHM_WRONG_TYPE');
  t.is(dict.get('text'), 'x');
  throwsShm(t, () => openAgain(t, dict, { readOnly: true }).throttle('k', HOURLY), 'ERR_SHM_READONLY');
  const wrong = [
    { limit: 0 }, { limit: -1 }, { limit: Number.NaN }, { limit: 1.5 }, { window: 0 }, { window: -1 }, { window: Number.POSITIVE_INFINITY },
    { window: 31_536_001 }, { burst: 0 }, { cost: -1 }, { cost: 11 }, { cost: Number.NaN }, { limit: 1_000_001, window: 1 },
  ];
  for (const options of wrong) throwsArgValue(t, () => dict.throttle('k', { ...HOURLY, ...options }), JSON.stringify(options));
  throwsArgType(t, () => dict.throttle('k', { ...HOURLY, limit: '10' as never }));
  throwsArgType(t, () => dict.throttle('k', 10 as never));
  throwsArgType(t, () => dict.throttle(1 as never, HOURLY));
  throwsShm(t, () => dict.throttle('k', { limit: 1, window: 31_536_000, burst: 1e9, cost: 1e9 }), 'ERR_SHM_OVERFLOW');
  t.false(dict.has('k'));
});

test('throttle: a full dictionary refuses new limiters and keeps the others', (t) => {
  const dict = makeDict(t, { size: '64kb' });
  dict.throttle('k', HOURLY);
  const full = throwsShm(t, () => { for (let n = 0; ; n += 1) dict.throttle(`limiter-${n}`, HOURLY); }, 'ERR_SHM_FULL');
  t.truthy(full);
  t.is(dict.throttle('k', HOURLY).remaining, 8);
  t.true(dict.verify().ok);
});

test('throttle: options are checked at every call, also after the same ones were right', (t) => {
  const dict = makeDict(t);
  const options: Record<string, unknown> = { limit: 10, window: 3600 };
  const throttle = () => dict.throttle('k', options as typeof HOURLY);
  t.is(throttle().remaining, 9);
  t.is(throttle().remaining, 8);
  options['limt'] = 5;
  throwsArgValue(t, throttle);
  delete options['limt'];
  options['cost'] = 3;
  t.is(throttle().remaining, 5);
  options['cost'] = 11;
  t.throws(throttle, { code: 'ERR_OUT_OF_RANGE' });
  t.is(dict.throttle('other', { window: 3600, limit: 20 }).remaining, 19);
  t.is(dict.throttle('other', { window: 3600, limit: 20, burst: 30 }).remaining, 28);
});
