// The Fastify application: a report is computed by one worker, however many clients ask.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askUntil, load, start } from '../application.mjs';

const NAME = 'fastify-stampede';

async function computed(url) {
  return (await (await fetch(`${url}/computed`)).json()).computed;
}

test('Fastify: a stampede on a missing report computes it once, for four workers', async (t) => {
  const { url } = await start(t, NAME, { env: { TTL: '60' } });
  const { total, ok } = await load(NAME, `${url}/report/7`, { connections: 100, amount: 3000 });
  assert.equal(ok, total);
  assert.equal(await computed(url), 1);
  const answers = await askUntil(`${url}/report/7`, (all) => new Set(all.map(({ worker }) => worker)).size === 4);
  assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
});

test('Fastify: under load an expired report is computed anew once each time', async (t) => {
  const { url } = await start(t, NAME, { env: { TTL: '0.5' } });
  const { ok, total } = await load(NAME, `${url}/report/7`, { connections: 100, duration: 4 });
  assert.equal(ok, total);
  // Fresh for 0.5 s and computed in 0.25 s: at most one each 0.75 s, and one more at either end.
  const count = await computed(url);
  assert.ok(count >= 2 && count <= 8, `computed ${count} times`);
});

test('Fastify: the rate limit is one for all workers', async (t) => {
  const { url } = await start(t, NAME, { env: { MAX: '500' } });
  const { ok, refused } = await load(NAME, `${url}/report/7`, { connections: 40, amount: 1500 });
  assert.deepEqual({ ok, refused }, { ok: 500, refused: 1000 });
});
