import { inspect } from 'node:util';
import test from 'ava';
import { RemoteDict, TieredDict } from 'shmkit/valkey';
import { ANONYMOUS, listen, secureNode } from './wire';

const TLS_RECORD = 0x16;
const PASSWORD = 'cor@rect';

/** Returns a client whose server fails every command with this text. */
function failing(text: string, settings: object): object {
  return { ...settings, callBuffer: () => Promise.reject(new Error(text)) };
}

async function shownBy(text: string, options: object, settings: object = {}): Promise<string> {
  const dict = new RemoteDict({ client: failing(text, settings), ...options });
  const error = await dict.get('k').catch((thrown: unknown) => thrown);
  return `${inspect(error, { depth: 9, showHidden: true })} ${(error as Error).stack} ${inspect(dict, { depth: 9, showHidden: true })}`;
}

const WAYS: Array<[way: string, options: object, settings?: object]> = [
  ['the address', { url: `redis://app:${encodeURIComponent(PASSWORD)}@127.0.0.1` }],
  ['an address with an unescaped @', { url: `redis://app:${PASSWORD}@127.0.0.1` }],
  ['the addresses of a cluster', { cluster: [`redis://app:${PASSWORD}@127.0.0.1`] }],
  ['the addresses of Sentinels', { sentinel: { name: 'main', urls: [`redis://app:${PASSWORD}@127.0.0.1`] } }],
  ['clientOptions', { clientOptions: { password: PASSWORD } }],
  ['the address in clientOptions', { clientOptions: { url: `redis://app:${PASSWORD}@127.0.0.1` } }],
  ['a client', {}, { options: { password: PASSWORD } }],
  ['the address of a client', {}, { options: { url: `redis://app:${PASSWORD}@127.0.0.1` } }],
  ['a cluster of node-redis', {}, { _options: { defaults: { password: PASSWORD } } }],
  ['an address of a cluster of node-redis', {}, { _options: { rootNodes: [{ url: `redis://app:${PASSWORD}@127.0.0.1` }] } }],
  ['a cluster of ioredis', {}, { options: { redisOptions: { password: PASSWORD } } }],
  ['a node of a cluster of ioredis', {}, { startupNodes: [{ host: '127.0.0.1', password: PASSWORD }] }],
];

for (const [way, options, settings] of WAYS) {
  test(`shmkit/valkey: no error shows a password that is in ${way}`, async (t) => {
    for (const text of [`WRONGPASS ${PASSWORD} is wrong`, `ERR "${encodeURIComponent(PASSWORD)}"`]) {
      const shown = await shownBy(text, options, settings);
      t.regex(shown, /\[redacted\]/);
      t.notRegex(shown, /rect/);
    }
  });
}

test('shmkit/valkey: an error about an unknown command shows none of its arguments', async (t) => {
  for (const text of ["ERR unknown command 'AUTH', with args beginning with: 'app' 'other' ", 'ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `other`, ']) {
    const shown = await shownBy(text, {});
    t.regex(shown, /unknown command ['`](AUTH|HELLO)['`]/);
    t.notRegex(shown, /other/);
  }
});

test('shmkit/valkey: a short password is hidden where it stands alone, and words stay whole', async (t) => {
  const shown = await shownBy('ERR the server refuses (e)', { clientOptions: { password: 'e' } });
  t.regex(shown, /ERR the server refuses \(\[redacted\]\)/);
});

test('shmkit/valkey: the nodes that a cluster names get TLS, and the user of the addresses', async (t) => {
  const named = await secureNode(t);
  const root = await secureNode(t, named.port);
  const dict = new RemoteDict({ cluster: [`rediss://app:${encodeURIComponent(PASSWORD)}@127.0.0.1:${root.port}`], clientOptions: { socket: ANONYMOUS } });
  t.teardown(() => dict.close());
  t.is(await dict.get('k'), undefined);
  const changes = dict.watch();
  await changes.ready;
  const logins = named.commands.filter(([name]) => name === 'HELLO');
  t.is(logins.length, 2);
  for (const login of logins) t.deepEqual(login.slice(0, 5), ['HELLO', '3', 'AUTH', 'app', PASSWORD]);
  t.true(named.commands.some((command) => command.join(' ').startsWith('CLIENT TRACKING ON BCAST')));
  await changes.return(undefined);
});

test('shmkit/valkey: a node without TLS gets no word of a client that has it', async (t) => {
  for (const scheme of ['rediss', 'REDISS']) {
    const plain = await listen(t);
    const root = await secureNode(t, plain.port);
    const dict = new RemoteDict({ cluster: [`${scheme}://app:${PASSWORD}@127.0.0.1:${root.port}`], clientOptions: { socket: ANONYMOUS }, timeout: 1 });
    const read = dict.get('k').catch((error: unknown) => error);
    t.is((await plain.first)[0], TLS_RECORD, 'commands');
    await dict.close();
    t.true((await read) instanceof Error);
    const tracked = await listen(t);
    const second = await secureNode(t, tracked.port);
    const watching = new RemoteDict({ cluster: [`${scheme}://app:${PASSWORD}@127.0.0.1:${second.port}`], clientOptions: { socket: ANONYMOUS } });
    await t.throwsAsync(watching.watch().next(), { code: 'ERR_SHM_REMOTE' });
    t.is((await tracked.first)[0], TLS_RECORD, 'tracking');
    await watching.close();
  }
});

test('shmkit/valkey: a cluster that is given as a client with TLS is tracked with TLS', async (t) => {
  const login = { username: 'app', password: PASSWORD };
  const clients = [
    (port: number) => ({ isCluster: true, callBuffer: async () => null, options: { redisOptions: { ...login, tls: {} } }, nodes: () => [{ options: { host: '127.0.0.1', port } }] }),
    (port: number) => ({ isOpen: true, sendCommand: async () => null, nodeClient: () => {}, on: () => {}, masters: [{ host: '127.0.0.1', port }], _options: { rootNodes: [], defaults: { ...login, socket: { tls: true } } } }),
    (port: number) => ({ isCluster: true, callBuffer: async () => null, options: {}, startupNodes: [`rediss://app:${PASSWORD}@127.0.0.1`], nodes: () => [{ options: { host: '127.0.0.1', port } }] }),
  ];
  for (const client of clients) {
    const plain = await listen(t);
    const dict = new RemoteDict({ client: client(plain.port) });
    await t.throwsAsync(dict.watch().next(), { code: 'ERR_SHM_REMOTE' });
    t.is((await plain.first)[0], TLS_RECORD);
  }
});

test('shmkit/valkey: settings that would leave TLS out, or guess the server, are refused', async (t) => {
  const cluster = ['rediss://127.0.0.1:1', 'redis://127.0.0.1:2'];
  t.throws(() => new RemoteDict({ cluster }), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => new RemoteDict({ cluster: ['redis://a:b@127.0.0.1:1', 'redis://a:c@127.0.0.1:2'] }), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => new RemoteDict({ url: 'redis://127.0.0.1', clientOptions: { socket: { tls: {} } } }), { code: 'ERR_INVALID_ARG_TYPE' });
  for (const client of [1, null, {}, 'redis']) t.throws(() => new RemoteDict({ client }), { code: 'ERR_INVALID_ARG_TYPE' });
  const unknown = new RemoteDict({ client: { sendCommand: async () => null, getSentinelNode: () => {}, on: () => {}, isOpen: true } });
  await t.throwsAsync(TieredDict.open('refused', { remote: unknown }), { code: 'ERR_INVALID_ARG_VALUE', message: /sentinel/ });
  const remote = new RemoteDict({ client: failing('', { options: { host: 'localhost', port: 6379, sentinels: [{ host: '127.0.0.1' }] } }) });
  await t.throwsAsync(TieredDict.open('refused', { remote }), { code: 'ERR_INVALID_ARG_VALUE' });
});
