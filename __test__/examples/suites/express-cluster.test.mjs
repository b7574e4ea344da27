// The Express application: its limit and its sessions are those of all workers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askUntil, killProcess, load, start } from '../application.mjs';

const NAME = 'express-cluster';

function workersOf(answers) {
  return new Set(answers.map(({ worker }) => worker));
}

test('Express in a cluster: exactly the limit is let through, whichever workers are asked', async (t) => {
  const { url } = await start(t, NAME, { env: { LIMIT: '1000' } });
  const { total, ok, refused } = await load(NAME, url, { amount: 3000 });
  assert.deepEqual({ total, ok, refused }, { total: 3000, ok: 1000, refused: 2000 });
});

test('Express in a cluster: a session is known to every worker, and outlives a killed one', async (t) => {
  const { url } = await start(t, NAME, { env: { LIMIT: '1000' } });
  const [login] = await askUntil(`${url}/login/ann`, (answers) => answers.length === 1);
  const headers = { cookie: login.headers.get('set-cookie').split(';')[0] };
  const before = await askUntil(`${url}/me`, (answers) => workersOf(answers).size === 4, { headers });
  assert.deepEqual(before.map(({ text }) => JSON.parse(text)), before.map((_answer, index) => ({ user: 'ann', visits: index + 1 })));
  await killProcess(login.worker);
  const after = await askUntil(`${url}/me`, (answers) => workersOf(answers).size === 4, { headers });
  assert.deepEqual(after.map(({ text }) => JSON.parse(text).visits), after.map((_answer, index) => before.length + index + 1));
  const [stranger] = await askUntil(`${url}/me`, (answers) => answers.length === 1);
  assert.equal(stranger.status, 401);
});

test('Express in a cluster: the limit stays exact when a worker is killed under load', async (t) => {
  const { url, pids } = await start(t, NAME, { env: { LIMIT: '1500' } });
  const halves = [await load(NAME, url, { amount: 1000 })];
  await killProcess(pids[0]);
  halves.push(await load(NAME, url, { amount: 1000 }));
  assert.equal(halves[0].ok + halves[1].ok, 1500);
});
