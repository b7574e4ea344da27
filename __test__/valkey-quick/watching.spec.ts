// The promise `ready` of a watch, where no server answers.
import net from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { RemoteDict, TieredDict } from 'shmkit/valkey';
import { uniqueName } from '../support/dict';

/** The address at which nothing listens. */
const NOTHING = 'redis://127.0.0.1:1';

/** Returns the address of a server that takes connections and answers nothing. */
async function silentServer(t: ExecutionContext): Promise<string> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `redis://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
}

function remoteAt(t: ExecutionContext, url: string): RemoteDict {
  const remote = new RemoteDict({ url });
  t.teardown(() => remote.close());
  return remote;
}

test('RemoteDict and TieredDict: ready of a watch rejects when the server cannot be reached', async (t) => {
  const remote = remoteAt(t, NOTHING);
  const name = uniqueName();
  const tier = await TieredDict.open(name, { remote });
  t.teardown(async () => {
    await tier.close();
    TieredDict.unlink(name);
  });
  for (const dict of [remote, tier]) {
    const changes = dict.watch();
    const error = await t.throwsAsync(changes.ready, { code: 'ERR_SHM_REMOTE' });
    t.true(error.message.includes('ECONNREFUSED'));
    await t.throwsAsync(changes.next(), { code: 'ERR_SHM_REMOTE' });
  }
});

test('RemoteDict: ready of a watch rejects when the signal aborts before, and the iteration ends', async (t) => {
  const remote = remoteAt(t, await silentServer(t));
  const reason = new Error('why');
  const abort = new AbortController();
  const changes = remote.watch({ signal: abort.signal });
  const next = changes.next();
  abort.abort(reason);
  for (const { ready } of [changes, remote.watch({ signal: abort.signal })]) {
    const error = await t.throwsAsync(ready, { name: 'AbortError', code: 'ABORT_ERR' });
    t.is(error.cause, reason);
  }
  t.deepEqual(await next, { done: true, value: undefined });
});

test('RemoteDict: a watch that is ended before it was heard of anything ends at once', async (t) => {
  const remote = remoteAt(t, await silentServer(t));
  for (const isAsked of [false, true]) {
    const changes = remote.watch();
    const next = isAsked ? changes.next() : undefined;
    t.deepEqual(await changes.return(undefined), { done: true, value: undefined });
    await t.throwsAsync(changes.ready, { code: 'ERR_SHM_CLOSED' });
    t.deepEqual(await next, isAsked ? { done: true, value: undefined } : undefined);
  }
});

test('RemoteDict and TieredDict: ready of a watch rejects when the dictionary is closed', async (t) => {
  const remote = new RemoteDict({ url: await silentServer(t) });
  const name = uniqueName();
  const tier = await TieredDict.open(name, { remote });
  const earlier = remote.watch();
  await tier.close();
  TieredDict.unlink(name);
  await t.throwsAsync(tier.watch().ready, { code: 'ERR_SHM_CLOSED' });
  await remote.close();
  for (const { ready } of [earlier, remote.watch()]) await t.throwsAsync(ready, { code: 'ERR_SHM_CLOSED' });
});
