// Every adapter over several processes, one of which is killed in the middle of its changes.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { SharedDict } from 'shmkit';
import { makeDict } from './host.mjs';

const WORKER = new URL('worker.mjs', import.meta.url);
const NEXT = `adapters-next-${process.pid}`;

async function answerOf(worker) {
  const [{ result, failed }] = await once(worker, 'message');
  assert.equal(failed, undefined);
  return result;
}

async function start(t, dict) {
  const worker = fork(WORKER, [dict.name, NEXT]);
  t.after(() => worker.kill('SIGKILL'));
  await answerOf(worker);
  const ask = (...message) => {
    worker.send(message);
    return answerOf(worker);
  };
  return { worker, ask };
}

async function startMany(t, dict, count) {
  t.after(() => {
    for (const name of [NEXT, `${NEXT}-tags`]) SharedDict.unlink(name);
  });
  return Promise.all(Array.from({ length: count }, () => start(t, dict)));
}

test('all limiters and counters: counts are exact with four workers', async (t) => {
  const workers = await startMany(t, makeDict(t), 4);
  const { hits } = await workers[0].ask('names');
  for (const name of hits) {
    const counts = (await Promise.all(workers.map(({ ask }) => ask('hit', name, 250)))).flat();
    assert.equal(Math.max(...counts), 1000, name);
    // Each count was given to one hit, so each limit is passed at one.
    if (name !== 'prom-client') assert.equal(new Set(counts).size, 1000, name);
  }
});

test('all stores: what one worker wrote or revalidated is so for another', async (t) => {
  const [one, other] = await startMany(t, makeDict(t), 2);
  const { stores } = await one.ask('names');
  for (const name of stores) {
    assert.equal((await other.ask('read', name)) ?? undefined, undefined, name);
    await one.ask('write', name, 'from one');
    assert.equal(await other.ask('read', name), 'from one', name);
    await other.ask('write', name, 'from the other');
    assert.equal(await one.ask('read', name), 'from the other', name);
    if (await other.ask('revalidate', name)) assert.equal((await one.ask('read', name)) ?? undefined, undefined, name);
  }
});

test('all adapters: workers that are killed in the middle of their changes change nothing for others', async (t) => {
  const dict = makeDict(t);
  const [survivor] = await startMany(t, dict, 1);
  const { hits, stores } = await survivor.ask('names');
  for (let round = 0; round < 5; round += 1) {
    const { worker, ask } = await start(t, dict);
    await ask('forever');
    // While it is at it, for as long as some calls take here.
    for (const name of stores) await survivor.ask('read', name);
    worker.kill('SIGKILL');
    await once(worker, 'exit');
  }
  for (const name of hits) {
    const [first, second] = await survivor.ask('hit', name, 2);
    assert.equal(second, first + 1, name);
  }
  for (const name of stores) {
    assert.match((await survivor.ask('read', name)) ?? 'forever 0', /^forever \d+$/u, name);
    await survivor.ask('write', name, 'after');
    assert.equal(await survivor.ask('read', name), 'after', name);
  }
  assert.deepEqual(dict.verify(), { ok: true, problems: [] });
});
