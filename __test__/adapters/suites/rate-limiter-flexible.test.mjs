// The limiter of rate-limiter-flexible as its own stores are tested.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as limiters from 'rate-limiter-flexible';
import { RateLimiterShm } from 'shmkit/rate-limiter-flexible';
import { BROKEN, foreign, makeDict } from './host.mjs';

test('rate-limiter-flexible: consumes, refuses, rewards, blocks and deletes', async (t) => {
  const limiter = new RateLimiterShm({ storeClient: makeDict(t), points: 2, duration: 60 });
  assert.equal((await limiter.consume('a')).isFirstInDuration, true);
  assert.equal((await limiter.consume('a')).remainingPoints, 0);
  await assert.rejects(limiter.consume('a'), (refusal) => !(refusal instanceof Error) && refusal.msBeforeNext > 0);
  assert.equal((await limiter.reward('a', 2)).consumedPoints, 1);
  await limiter.block('a', 500);
  assert.ok((await limiter.get('a')).msBeforeNext > 100_000);
  assert.equal(await limiter.delete('a'), true);
  assert.equal(await limiter.get('a'), null);
  assert.equal((await limiter.consume('b', 1, { customDuration: 5 })).msBeforeNext <= 5000, true);
  assert.ok((await limiter.consume('c')).msBeforeNext > 50_000);
});

for (const state of [...Object.keys(BROKEN), 'foreign']) {
  test(`rate-limiter-flexible: a ${state} dictionary rejects, or leaves it to the insurance`, async (t) => {
    const dict = state === 'foreign' ? foreign(t, 'rlflx:ann') : BROKEN[state](t);
    await assert.rejects(new RateLimiterShm({ storeClient: dict, points: 2, duration: 60 }).consume('ann'), (error) => error.code.startsWith('ERR_SHM_'));
    const insuranceLimiter = new limiters.RateLimiterMemory({ points: 2, duration: 60 });
    const insured = new RateLimiterShm({ storeClient: dict, points: 2, duration: 60, insuranceLimiter });
    assert.equal((await insured.consume('ann')).remainingPoints, 1);
  });
}

test('rate-limiter-flexible: to look at the value of another program rejects, or is left to the insurance', async (t) => {
  const options = { storeClient: foreign(t, 'rlflx:ann'), points: 2, duration: 60 };
  await assert.rejects(new RateLimiterShm(options).get('ann'), /no count/);
  const insured = new RateLimiterShm({ ...options, insuranceLimiter: new limiters.RateLimiterMemory({ points: 2, duration: 60 }) });
  assert.equal(await insured.get('ann'), null);
});

/** Returns a limiter, by default of two points in a minute. */
function limiterOf(t, options) {
  return new RateLimiterShm({ storeClient: makeDict(t), points: 2, duration: 60, ...options });
}

/** Returns the result that a call rejects with, which is no error. */
async function refusalOf(promise) {
  const refusal = await promise.then(() => assert.fail('was allowed'), (reason) => reason);
  assert.ok(!(refusal instanceof Error), String(refusal));
  return refusal;
}

async function elapsed(work) {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

test('rate-limiter-flexible: more points than there are are refused at once, also where there are none', async (t) => {
  assert.ok((await refusalOf(limiterOf(t).consume('a', 3))).msBeforeNext > 0);
  assert.equal((await refusalOf(limiterOf(t, { points: 0 }).consume('a'))).remainingPoints, 0);
});

test('rate-limiter-flexible: penalties and rewards count, without a consume too', async (t) => {
  const limiter = limiterOf(t);
  assert.equal((await limiter.penalty('a')).consumedPoints, 1);
  assert.equal((await limiter.penalty('a', 2)).consumedPoints, 3);
  assert.equal((await limiter.reward('a')).consumedPoints, 2);
  assert.deepEqual([(await limiter.reward('b')).consumedPoints, (await limiter.get('b')).consumedPoints], [-1, -1]);
});

test('rate-limiter-flexible: a duration of 0 never ends, nor does a block for 0 seconds', async (t) => {
  const limiter = limiterOf(t, { duration: 0 });
  for (const count of [1, 2]) assert.equal((await limiter.consume('a')).consumedPoints, count);
  assert.deepEqual([(await limiter.get('a')).consumedPoints, (await limiter.get('a')).msBeforeNext], [2, -1]);
  await limiter.block('b', 0);
  const blocked = await limiter.get('b');
  assert.deepEqual([blocked.consumedPoints, blocked.msBeforeNext], [3, -1]);
  await refusalOf(limiter.consume('b'));
});

test('rate-limiter-flexible: set gives points a time of their own, the default, or none', async (t) => {
  const limiter = limiterOf(t);
  for (const [seconds, least, most] of [[100, 60_000, 100_000], [undefined, 1, 60_000]]) {
    await limiter.set('a', 12, seconds);
    const { consumedPoints, msBeforeNext } = await limiter.get('a');
    assert.equal(consumedPoints, 12);
    assert.ok(msBeforeNext >= least && msBeforeNext <= most, `${msBeforeNext}`);
  }
  await limiter.set('a', 12, 0);
  assert.equal((await limiter.get('a')).msBeforeNext, -1);
});

test('rate-limiter-flexible: a key is blocked for the block duration when it passes its points', async (t) => {
  const limiter = limiterOf(t, { blockDuration: 300 });
  await limiter.consume('a', 2);
  assert.ok((await refusalOf(limiter.consume('a'))).msBeforeNext > 60_000);
  assert.ok((await limiter.get('a')).msBeforeNext > 60_000);
  const failing = limiterOf(t, { blockDuration: 300 });
  t.mock.method(failing, '_block', () => Promise.reject(new Error('of the block')));
  await assert.rejects(failing.consume('a', 3), { message: 'of the block' });
});

test('rate-limiter-flexible: a window, and a block, end with their time', async (t) => {
  const limiter = limiterOf(t, { points: 1, duration: 0.05 });
  await limiter.consume('a');
  const end = async (key) => {
    while ((await limiter.get(key)) !== null) await limiter.client.waitFor(limiter.getKey(key), { timeout: 60 });
  };
  await end('a');
  assert.equal((await limiter.consume('a')).isFirstInDuration, true);
  await limiter.block('b', 0.05);
  await end('b');
  assert.equal((await limiter.consume('b')).consumedPoints, 1);
});

test('rate-limiter-flexible: keys are blocked in memory, and forgotten with delete', async (t) => {
  const limiter = limiterOf(t, { points: 1, inMemoryBlockOnConsumed: 2, inMemoryBlockDuration: 300 });
  await limiter.consume('a');
  assert.ok((await refusalOf(limiter.consume('a'))).msBeforeNext > 60_000);
  assert.ok((await refusalOf(limiter.consume('a'))).msBeforeNext > 60_000);
  assert.equal((await limiter.get('a')).consumedPoints, 2);
  assert.deepEqual([await limiter.delete('a'), await limiter.delete('a')], [true, false]);
  assert.equal((await limiter.consume('a')).consumedPoints, 1);
  for (const options of [{ inMemoryBlockDuration: 2 }, { points: 3, inMemoryBlockOnConsumed: 1 }]) assert.throws(() => limiterOf(t, options), Error);
});

test('rate-limiter-flexible: spreads what it allows over the duration', async (t) => {
  const even = limiterOf(t, { points: 2, duration: 0.4, execEvenly: true });
  await even.consume('a');
  assert.ok((await elapsed(() => even.consume('a'))) > 100);
  const least = limiterOf(t, { points: 100, duration: 1, execEvenly: true, execEvenlyMinDelayMs: 30 });
  await least.consume('a');
  assert.ok((await elapsed(() => least.consume('a'))) >= 28);
});

test('rate-limiter-flexible: all that changes goes to the insurance when the dictionary is closed', async (t) => {
  const insuranceLimiter = limiterOf(t, { points: 3, duration: 100 });
  const limiter = limiterOf(t, { insuranceLimiter });
  limiter.client.close();
  const consumed = await limiter.consume('a', 1, { customDuration: 5 });
  assert.deepEqual([consumed.remainingPoints, consumed.msBeforeNext <= 5000], [2, true]);
  assert.deepEqual([(await limiter.penalty('a')).consumedPoints, (await limiter.reward('a')).consumedPoints], [2, 1]);
  assert.equal((await limiter.get('a')).consumedPoints, 1);
  assert.ok((await limiter.block('a', 300)).msBeforeNext > 100_000);
  assert.equal(await limiter.delete('a'), true);
  for (const call of [(each) => each.delete('a'), (each) => each.get('a'), (each) => each.block('a', 1)]) {
    const alone = limiterOf(t);
    alone.client.close();
    await assert.rejects(call(alone), { code: 'ERR_SHM_CLOSED' });
  }
});

test('rate-limiter-flexible: a prefix keeps limiters of one dictionary apart', async (t) => {
  const storeClient = makeDict(t);
  const [one, other] = ['one', 'other'].map((keyPrefix) => limiterOf(t, { storeClient, keyPrefix }));
  assert.equal(one.getKey('a'), 'one:a');
  for (const limiter of [one, other]) assert.equal((await limiter.consume('a')).consumedPoints, 1);
});

test('rate-limiter-flexible: bursts, unions and queues of the package work over it', async (t) => {
  const bursty = new limiters.BurstyRateLimiter(limiterOf(t, { points: 1 }), limiterOf(t, { points: 2, keyPrefix: 'burst' }));
  for (const _ of [1, 2, 3]) await bursty.consume('a');
  await refusalOf(bursty.consume('a'));
  const union = new limiters.RateLimiterUnion(limiterOf(t, { keyPrefix: 'minute' }), limiterOf(t, { keyPrefix: 'hour', points: 1 }));
  assert.deepEqual(Object.keys(await union.consume('a')).toSorted(), ['hour', 'minute']);
  await assert.rejects(union.consume('a'), (refusals) => refusals.hour.remainingPoints === 0);
  const queue = new limiters.RateLimiterQueue(limiterOf(t, { points: 1, duration: 0.05 }));
  assert.deepEqual(await Promise.all([queue.removeTokens(1), queue.removeTokens(1)]), [0, 0]);
});
