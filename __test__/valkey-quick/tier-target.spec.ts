// The processes of a host that share a tier use it for the same keys on the same server.
import test from 'ava';
import { RemoteDict, TieredDict } from 'shmkit/valkey';
import { uniqueName } from '../support/dict';

/** Returns options of a client whose server answers nothing. */
function unanswered(options: object): object {
  return { client: { callBuffer: () => new Promise(() => {}), options } };
}

const SAME: object[] = [
  { url: 'redis://127.0.0.1:1' },
  { url: 'redis://app:secret@127.0.0.1:1/0' },
  unanswered({ host: '127.0.0.1', port: 1 }),
  { url: 'redis://127.0.0.1:1', clientOptions: { socket: { connectTimeout: 100 } } },
];
const OTHERS: Array<[options: object, server: string]> = [
  [{ url: 'redis://127.0.0.1:2' }, '127.0.0.1:2/0'],
  [{ url: 'redis://127.0.0.1:1/3' }, '127.0.0.1:1/3'],
  [{ url: 'redis://127.0.0.1:1', clientOptions: { database: 4 } }, '127.0.0.1:1/4'],
  [unanswered({ host: '127.0.0.1', port: 1, db: 5 }), '127.0.0.1:1/5'],
  [unanswered({ path: '/run/valkey.sock' }), '/run/valkey.sock/0'],
  [{ cluster: ['redis://127.0.0.1:1'] }, 'a cluster'],
];

test('shmkit/valkey: a tier is not opened for another server or prefix than the first time', async (t) => {
  const name = uniqueName();
  const open = async (options: object): Promise<void> => {
    const remote = new RemoteDict(options);
    const dict = await TieredDict.open(name, { remote });
    t.teardown(() => dict.close());
  };
  t.teardown(() => TieredDict.unlink(name));
  for (const options of SAME) await t.notThrowsAsync(open(options));
  for (const [options, server] of OTHERS) {
    const error = await t.throwsAsync(open(options), { code: 'ERR_SHM_OPTIONS_MISMATCH' });
    t.true(error?.message.includes(`not "${server}"`), error?.message);
  }
  await t.throwsAsync(open({ ...SAME[0], prefix: 'other:' }), { code: 'ERR_SHM_OPTIONS_MISMATCH', message: /prefix "shmkit:", not "other:"/ });
});
