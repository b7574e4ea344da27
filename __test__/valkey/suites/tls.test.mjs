// Encrypted connections to real servers. Valkey as it is downloaded has no TLS, so a proxy ends it there; Redis has its own.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import tls from 'node:tls';
import { RemoteDict } from 'shmkit/valkey';
import { makeCertificates } from '../support/certificates.mjs';
import { makeHost } from '../support/hosts.mjs';
import { startServer } from '../support/servers.mjs';
import { until } from '../support/until.mjs';

const REDIS = process.env.SHMKIT_REDIS_SERVER;

/** Starts a server whose TLS a proxy ends; returns its encrypted port. */
async function pastProxy(t, { cert, key }) {
  const server = await startServer(t, { args: ['--requirepass', 'secret'] });
  const sockets = new Set();
  const proxy = tls.createServer({ cert, key }, (client) => {
    const target = net.connect(server.port, '127.0.0.1');
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => [client, target].forEach((end) => end.destroy()));
    }
    client.pipe(target).pipe(client);
  });
  proxy.on('tlsClientError', () => {}).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.after(() => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port: proxy.address().port, plain: server.port };
}

/** Starts a server with TLS of its own. */
async function withOwn(t, { folder }) {
  const server = await startServer(t, { binary: REDIS, tls: folder, args: ['--requirepass', 'secret'] });
  return { port: server.tlsPort, plain: server.port };
}

const SETUPS = { 'Valkey past a proxy that ends TLS': pastProxy, ...(REDIS === undefined ? {} : { 'Redis with TLS': withOwn }) };

for (const [title, setUp] of Object.entries(SETUPS)) {
  test(`${title}: both tiers work with the right authority, and no password is sent to another`, async (t) => {
    const certificates = makeCertificates(t);
    const { port } = await setUp(t, certificates);
    const url = `rediss://:secret@127.0.0.1:${port}`;
    const trusted = { url, clientOptions: { socket: { ca: certificates.ca } } };
    const dict = new RemoteDict({ ...trusted, prefix: 'app:' });
    t.after(() => dict.close());
    await dict.set('k', { a: 1 }, 60);
    assert.deepEqual(await dict.get('k'), { a: 1 });
    const changes = dict.watch();
    await changes.ready;
    await dict.set('k', 2);
    assert.deepEqual((await changes.next()).value, { type: 'set', key: 'k' });
    await changes.return();
    const [one, two] = await Promise.all([makeHost(t).open(trusted), makeHost(t).open(trusted)]);
    await until(async () => (await one.get('k')) === 2 && one.peek('k') === 2);
    await two.set('k', 3);
    await until(() => one.peek('k') === undefined, 1000, 1);
    assert.equal(await one.get('k'), 3);
    assert.equal((await one.stats()).suspect, false);

    const strangers = makeCertificates(t);
    for (const socket of [{}, { ca: strangers.ca }]) {
      const wary = new RemoteDict({ url, clientOptions: { socket }, timeout: 2 });
      const error = await wary.get('k').catch((thrown) => thrown);
      assert.equal(error.code, 'ERR_SHM_REMOTE');
      assert.match(error.cause.code ?? error.cause.message, /CERT|SIGNATURE|certificate/i);
      await wary.close();
    }
    // A server that is reached by another name than its certificate has.
    const named = new RemoteDict({ url: url.replace('127.0.0.1', 'localhost'), clientOptions: { socket: { ca: certificates.ca, host: 'localhost' } }, timeout: 2 });
    t.after(() => named.close());
    await assert.rejects(named.get('k'), { code: 'ERR_SHM_REMOTE' });
  });
}
