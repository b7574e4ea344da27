// The Next.js application, built, with two servers: they share pages and what 'use cache' keeps.
import assert from 'node:assert/strict';
import path from 'node:path';
import { before, test } from 'node:test';
import { SharedDict } from 'shmkit';
import { load, runProgram, start } from '../application.mjs';

const NAME = 'next-servers';
const DICT = `example-next-${process.pid}`;

before(() => {
  runProgram(NAME, [path.join('node_modules', 'next', 'dist', 'bin', 'next'), 'build'], { SHMKIT_NEXT_NAME: DICT, NEXT_TELEMETRY_DISABLED: '1' });
});

async function startServers(t) {
  t.after(() => {
    for (const name of [DICT, `${DICT}-tags`]) SharedDict.unlink(name);
  });
  const env = { SHMKIT_NEXT_NAME: DICT, NEXT_TELEMETRY_DISABLED: '1' };
  const { port } = await start(t, NAME, { program: 'servers.mjs', ready: /Ready in/gu, count: 2, env });
  return [port, port + 1].map((each) => `http://127.0.0.1:${each}`);
}

async function stampOf(url) {
  const text = await (await fetch(url)).text();
  return /data-stamp="([^"]+)"/u.exec(text)?.[1] ?? assert.fail(text);
}

for (const [what, where, tag] of [
  ['a page', '/article/one', 'articles'],
  ["the result of 'use cache'", '/', 'news'],
]) {
  test(`Next.js: ${what} of one server is served by the other, until the other revalidates it`, async (t) => {
    const [one, other] = await startServers(t);
    const first = await stampOf(one + where);
    assert.equal(await stampOf(other + where), first);
    assert.equal(await stampOf(one + where), first);
    const { revalidated } = await (await fetch(`${other}/api/revalidate?tag=${tag}`, { method: 'POST' })).json();
    assert.equal(revalidated, tag);
    const second = await stampOf(one + where);
    assert.notEqual(second, first);
    assert.equal(await stampOf(other + where), second);
  });
}

test('Next.js: both servers answer under load, from what they share', async (t) => {
  const [one, other] = await startServers(t);
  const results = await Promise.all([one, other].map((url) => load(NAME, `${url}/article/two`, { connections: 10, amount: 1000 })));
  assert.deepEqual(results.map(({ ok }) => ok), [1000, 1000]);
  assert.equal(await stampOf(`${one}/article/two`), await stampOf(`${other}/article/two`));
  const dict = SharedDict.open(DICT);
  t.after(() => dict.close());
  // Both handlers were asked.
  for (const prefix of ['page:', 'use-cache:']) assert.notEqual([...dict.keys({ prefix })].length, 0, prefix);
});
