import { inspect } from 'node:util';
import test from 'ava';
import { RemoteDict } from 'shmkit/valkey';
import { makeDict } from '../support/dict';

test('RemoteDict: an address that is none is refused at once, without its password', (t) => {
  for (const url of ['', 'x', '127.0.0.1:6379', 'http://x', 'redis://user:secret@[bad']) {
    for (const options of [{ url }, { cluster: [url] }]) {
      const error = t.throws(() => new RemoteDict(options), { code: 'ERR_INVALID_ARG_VALUE' });
      t.notRegex(error.message, /secret/);
    }
  }
  t.throws(() => new RemoteDict({ cluster: ['unix:///socket'] }), { code: 'ERR_INVALID_ARG_VALUE' });
  t.notThrows(() => new RemoteDict({ url: 'unix://user:secret@/tmp/socket' }));
  for (const clientOptions of [null, 1, 'x', []]) {
    t.throws(() => new RemoteDict({ url: 'redis://127.0.0.1:1', clientOptions: clientOptions as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  }
});

test('RemoteDict: one that was never used is closed without a connection', async (t) => {
  const dict = new RemoteDict({ url: 'redis://127.0.0.1:1/no-database' });
  await t.notThrowsAsync(dict.close());
  await t.throwsAsync(dict.get('k'), { code: 'ERR_SHM_CLOSED' });
});

test('RemoteDict: a signal that tells or forgets no listener is refused', async (t) => {
  const remote = new RemoteDict({ url: 'redis://127.0.0.1:1' });
  for (const signal of [{ aborted: false }, { aborted: false, addEventListener() {} }, { aborted: false, removeEventListener() {} }] as never[]) {
    t.throws(() => remote.watch({ signal }), { code: 'ERR_INVALID_ARG_TYPE' });
    await t.throwsAsync(remote.getOrSet('k', () => 1, { signal }), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  await remote.close();
});

test('RemoteDict: a handle is neither cloned nor stored, and shows no address', async (t) => {
  const remote = new RemoteDict({ url: 'redis://user:secret@127.0.0.1:1', prefix: 'app:' });
  const shared = makeDict(t);
  t.throws(() => structuredClone(remote), { any: true, name: 'DataCloneError' });
  t.throws(() => shared.set('k', remote), { code: 'ERR_INVALID_ARG_TYPE' });
  await t.throwsAsync(remote.set('k', [remote]), { code: 'ERR_INVALID_ARG_TYPE' });
  t.is(inspect(remote), "RemoteDict { prefix: 'app:', closed: false }");
  await remote.close();
});
