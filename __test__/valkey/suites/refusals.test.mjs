// Servers that refuse something: a user without rights, an old protocol, memory that is used up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeHost } from '../support/hosts.mjs';
import { clientOf, startServer } from '../support/servers.mjs';
import { until } from '../support/until.mjs';

const refused = (what) => (error) => error.code === 'ERR_SHM_REMOTE' && error.message.includes(what) && error.cause instanceof Error;
const hasFailed = (dict, code) => until(async () => (await dict.stats()).agent?.failure === code);

/** Returns the address of a user who may do everything but one thing. */
async function userWithout(t, server, command) {
  const admin = await clientOf(t, server.url);
  await admin.sendCommand(['ACL', 'SETUSER', 'some', 'on', '>word', 'allkeys', 'allchannels', '+@all', `-${command}`]);
  return `redis://some:word@127.0.0.1:${server.port}`;
}

test('without a password nothing is read or cached, and the reason is told', async (t) => {
  const server = await startServer(t, { args: ['--requirepass', 'word'] });
  const dict = await makeHost(t).open({ url: server.url, timeout: 1 });
  await assert.rejects(dict.get('k'), refused('NOAUTH'));
  await assert.rejects(dict.set('k', 1), refused('NOAUTH'));
  await assert.rejects(dict.watch().next(), refused('NOAUTH'));
  assert.equal(dict.peek('k'), undefined);
  await hasFailed(dict, 'NOAUTH');
  const { l2, suspect } = await dict.stats();
  assert.deepEqual([l2, suspect], [null, true]);
});

test('a user who may not track reads and writes past the tier', async (t) => {
  const server = await startServer(t);
  const dict = await makeHost(t).open({ url: await userWithout(t, server, 'client|tracking') });
  await dict.set('k', 1);
  assert.equal(await dict.get('k'), 1);
  assert.equal(await dict.get('k'), 1);
  assert.equal(dict.peek('k'), undefined);
  await hasFailed(dict, 'NOPERM');
  assert.equal((await dict.stats()).suspect, true);
  await assert.rejects(dict.watch().next(), refused('NOPERM'));
});

test('a user who may not ask which server it is has a tier all the same', async (t) => {
  const server = await startServer(t);
  const dict = await makeHost(t).open({ url: await userWithout(t, server, 'info') });
  await dict.set('k', 1);
  await until(async () => (await dict.get('k')) === 1 && dict.peek('k') === 1);
});

test('a server that knows only the older protocol is told', async (t) => {
  const server = await startServer(t, { args: ['--rename-command', 'HELLO', ''] });
  const dict = await makeHost(t).open({ url: server.url, timeout: 1 });
  await assert.rejects(dict.get('k'), refused('HELLO'));
  assert.equal(dict.peek('k'), undefined);
  await hasFailed(dict, 'ERR');
});

test('a server that is full refuses writes, and what was there is read and removed as before', async (t) => {
  const server = await startServer(t, { args: ['--maxmemory', '8mb', '--maxmemory-policy', 'noeviction'] });
  const dict = await makeHost(t).open({ url: server.url });
  const large = 'x'.repeat(500_000);
  const keys = Array.from({ length: 40 }, (_, index) => `k${index}`);
  const results = [];
  for (const key of keys) results.push(await dict.set(key, large).then(() => true, (error) => refused('OOM')(error) && false));
  assert.deepEqual(new Set(results), new Set([true, false]));
  assert.equal(await dict.get('k0'), large);
  await assert.rejects(dict.swap('k0', large + large), refused('OOM'));
  assert.equal(await dict.get('k0'), large);
  assert.equal(await dict.take('k0'), large);
  assert.equal(await dict.deletePrefix('k'), results.filter(Boolean).length - 1);
  await dict.set('k', 'y');
  assert.equal(await dict.get('k'), 'y');
});
