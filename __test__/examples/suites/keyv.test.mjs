// The application with cache-manager: what one worker has loaded, the other finds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askUntil, load, start } from '../application.mjs';

const NAME = 'keyv';

function bothWorkers(answers) {
  return new Set(answers.map(({ worker }) => worker)).size === 2;
}

test('cache-manager: a user that one worker loaded is found by the other, and so is its deletion', async (t) => {
  const { url } = await start(t, NAME, { count: 2 });
  const loads = async () => (await (await fetch(`${url}/loads`)).json()).loads;
  const answers = await askUntil(`${url}/user/7`, bothWorkers);
  assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
  assert.equal(await loads(), 1);
  await askUntil(`${url}/user/7`, (all) => all.length === 1, { method: 'DELETE' });
  await askUntil(`${url}/user/7`, bothWorkers);
  assert.equal(await loads(), 2);
});

test('cache-manager: under load a user is loaded at most once by each worker', async (t) => {
  const { url } = await start(t, NAME, { count: 2 });
  const { total, ok } = await load(NAME, `${url}/user/8`, { amount: 4000 });
  assert.equal(ok, total);
  const { loads } = await (await fetch(`${url}/loads`)).json();
  assert.ok(loads >= 1 && loads <= 2, `loaded ${loads} times`);
});
