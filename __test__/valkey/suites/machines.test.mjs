// Hosts that are machines as far as network and shared memory go, with the default directory and a cable that is cut.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMachines, whyNoNamespaces } from '../support/namespaces.mjs';
import { until } from '../support/until.mjs';

const reason = whyNoNamespaces();
if (reason !== null) console.log(`# NOT RUN: ${reason}`);

if (reason === null) test('two machines share a server, and what one of them writes is seen on the other', async (t) => {
  const [one, two] = await startMachines(t);
  const [a, b, c] = [await one.start(), await one.start(), await two.start()];
  await a.call('set', 'k', { a: 1 });
  for (const process of [a, b, c]) assert.deepEqual(await process.call('get', 'k'), { a: 1 });
  const [first, second, other] = await Promise.all([a, b, c].map((process) => process.call('stats')));
  assert.equal(first.agent.pid, second.agent.pid);
  assert.notEqual(first.agent.pid, other.agent.pid);
  await until(async () => (await b.call('get', 'k')) !== undefined && (await b.call('peek', 'k')) !== undefined);
  await c.call('set', 'k', 2);
  await until(async () => (await b.call('peek', 'k'))?.a === undefined, 2000);
  assert.equal(await b.call('get', 'k'), 2);
});

if (reason === null) test('a machine whose cable is cut serves nothing old, and is well again when it is mended', async (t) => {
  const [one, two] = await startMachines(t);
  const [cut, writer] = [await one.start(), await two.start()];
  await writer.call('set', 'k', 'old');
  await until(async () => (await cut.call('get', 'k')) === 'old' && (await cut.call('peek', 'k')) === 'old');
  one.link('down');
  await writer.call('set', 'k', 'new');
  const written = performance.now();
  let served = written;
  while (performance.now() - written < 2500) {
    const begun = performance.now();
    if ((await cut.call('peek', 'k')) === 'old') served = begun;
  }
  t.diagnostic(`served for ${(served - written).toFixed(0)} ms`);
  assert.ok(served - written <= 1000, `${served - written} ms`);
  await assert.rejects(cut.call('get', 'k'), { code: 'ERR_SHM_REMOTE' });
  assert.equal((await cut.call('stats')).suspect, true);
  one.link('up');
  await until(() => cut.call('get', 'k').then((value) => value === 'new', () => false), 30_000, 50);
  await until(async () => !(await cut.call('stats')).suspect, 30_000, 50);
  await writer.call('set', 'k', 'newer');
  await until(async () => (await cut.call('peek', 'k')) !== 'new', 2000);
  assert.equal(await cut.call('get', 'k'), 'newer');
});
