// RemoteDict on a real server, and on a cluster: every call.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ShmError } from 'shmkit';
import { RemoteDict } from 'shmkit/valkey';
import { clientOf, startCluster, startServer } from '../support/servers.mjs';

const requireClient = createRequire(new URL('../clients/package.json', import.meta.url));
const VALUES = [
  'text', '', 'käse', '\ud800 alone', '\0', 0, -0, NaN, Infinity, 1.5, -(2 ** 53), true, false, null, 0n, -(2n ** 63n), 2n ** 63n - 1n,
  Buffer.from([0, 255, 10]), new Date(5), new Map([[{ a: 1 }, new Set([1, '2'])]]), new Set(), [], [1, undefined, [2]], {}, { a: { b: [null] }, 'ä:{x}': 2n ** 100n },
  JSON.parse('{"__proto__":1}'), new Float64Array([1, -0]), new Uint16Array([7]).buffer, [-(2n ** 70n)], Object.assign(Array.from({ length: 0 }), { 2: 1 }),
];
const code = (name) => (error) => error instanceof ShmError && error.code === name;

const SETUPS = {
  'one server': async (t) => {
    const server = await startServer(t);
    return { open: (more) => new RemoteDict({ url: server.url, ...more }), urls: [server.url] };
  },
  'a cluster': async (t) => {
    const { urls } = await startCluster(t);
    return { open: (more) => new RemoteDict({ cluster: urls, ...more }), urls };
  },
  ioredis: async (t) => {
    const server = await startServer(t);
    const client = new (requireClient('ioredis'))(server.port, '127.0.0.1');
    t.after(() => client.disconnect());
    return { open: (more) => new RemoteDict({ client, ...more }), urls: [server.url] };
  },
  iovalkey: async (t) => {
    const server = await startServer(t);
    const client = new (requireClient('iovalkey'))(server.port, '127.0.0.1');
    t.after(() => client.disconnect());
    return { open: (more) => new RemoteDict({ client, ...more }), urls: [server.url] };
  },
  'ioredis, a cluster': async (t) => {
    const { servers } = await startCluster(t);
    const client = new (requireClient('ioredis').Cluster)(servers.map(({ port }) => ({ host: '127.0.0.1', port })));
    t.after(() => client.disconnect());
    return { open: (more) => new RemoteDict({ client, ...more }), urls: servers.map(({ url }) => url) };
  },
};

for (const [title, setUp] of Object.entries(SETUPS)) describe(`remote: ${title}`, () => {
  const ends = [];
  const host = { after: (end) => ends.unshift(end) };
  let setup;
  let dict;
  before(async () => {
    setup = await setUp(host);
    dict = setup.open({ prefix: 'app:' });
  });
  after(async () => {
    await dict?.close();
    for (const end of ends) await end();
  });

  test('values of every type come back as they were', async () => {
    for (const [index, value] of VALUES.entries()) await dict.set(`v${index}`, value);
    for (const [index, value] of VALUES.entries()) assert.deepStrictEqual(await dict.get(`v${index}`), value);
    assert.equal(await dict.get('missing'), undefined);
    for (const wrong of [undefined, () => {}, Symbol('x'), { a: [() => {}] }, /x/, new Error('x'), Promise.resolve()]) await assert.rejects(dict.set('k', wrong), { code: 'ERR_INVALID_ARG_TYPE' });
    await assert.rejects(dict.set('k', 2n ** 63n), { code: 'ERR_OUT_OF_RANGE' });
    await assert.rejects(dict.get(''), { code: 'ERR_INVALID_ARG_VALUE' });
    await assert.rejects(dict.get(1), { code: 'ERR_INVALID_ARG_TYPE' });
  });

  test('every string is a key of its own', async () => {
    const keys = ['a:b', 'a%3Ab', '{a}b', 'a', '\ud800', '%uD800', '\0', '__proto__', 'ü', 'x'.repeat(65_535), '*', '[a]', '\\'];
    for (const key of keys) await dict.set(`keys/${key}`.slice(0, 65_535), key);
    for (const key of keys) assert.equal(await dict.get(`keys/${key}`.slice(0, 65_535)), key);
    const found = [];
    for await (const key of dict.keys({ prefix: 'keys/' })) found.push(key);
    assert.deepEqual(found.toSorted(), keys.map((key) => `keys/${key}`.slice(0, 65_535)).toSorted());
    await assert.rejects(dict.get('y'.repeat(65_536)), code('ERR_SHM_TOO_LARGE'));
  });

  test('conditions, versions and previous values', async () => {
    assert.equal(await dict.add('c', 1), true);
    assert.equal(await dict.add('c', 2), false);
    assert.equal(await dict.replace('c', 3), true);
    assert.equal(await dict.replace('c2', 3), false);
    assert.equal(await dict.swap('c', 4), 3);
    assert.equal(await dict.swap('c3', 4), undefined);
    const { version } = await dict.getEntry('c');
    assert.equal(typeof version, 'bigint');
    assert.equal(await dict.set('c', 5, { ifVersion: version }), true);
    assert.equal(await dict.set('c', 6, { ifVersion: version }), false);
    assert.equal(await dict.delete('c', { ifVersion: version }), false);
    assert.equal(await dict.set('c4', 1, { ifVersion: 0n }), true);
    assert.equal(await dict.set('c4', 1, { ifVersion: 0n }), false);
    assert.equal(await dict.take('c'), 5);
    assert.equal(await dict.take('c'), undefined);
    assert.equal(await dict.delete('c4'), true);
    assert.equal(await dict.delete('c4'), false);
    assert.equal(await dict.has('c4'), false);
    assert.equal(await dict.update('u', (value = 0) => value + 1), 1);
    await Promise.all(Array.from({ length: 20 }, () => dict.update('u', (value) => value + 1)));
    assert.equal(await dict.get('u'), 21);
    assert.equal(await dict.update('u', () => undefined), undefined);
    assert.equal(await dict.has('u'), false);
  });

  test('times to live', async () => {
    await dict.set('t', 1, 100);
    assert.ok((await dict.ttl('t')) > 99);
    await dict.set('t', 2, { keepTtl: true });
    assert.ok((await dict.ttl('t')) > 99);
    assert.equal(await dict.persist('t'), true);
    assert.equal(await dict.ttl('t'), 0);
    assert.equal(await dict.expire('t', 50), true);
    assert.equal(await dict.getAndExpire('t', 200), 2);
    assert.ok((await dict.ttl('t')) > 150);
    assert.equal(await dict.expire('missing', 5), false);
    assert.equal(await dict.ttl('missing'), undefined);
    assert.equal(await dict.set('t', 1, { expiresAt: Date.now() - 1 }), true);
    assert.equal(await dict.has('t'), false);
    await dict.set('t', 1, { expiresAt: new Date(Date.now() + 5000) });
    assert.ok((await dict.ttl('t')) > 4);
    await dict.set('t', 1, 0.02);
    await pause(40);
    assert.equal(await dict.get('t'), undefined);
    await assert.rejects(dict.set('t', 1, NaN), { code: 'ERR_OUT_OF_RANGE' });
    await assert.rejects(dict.set('t', 1, { tll: 1 }), { code: 'ERR_INVALID_ARG_VALUE' });
  });

  test('counters', async () => {
    assert.equal(await dict.incr('n'), undefined);
    assert.equal(await dict.incr('n', 2, { init: 5 }), 7);
    assert.equal(await dict.incr('n', 0.5), 7.5);
    assert.equal(await dict.incr('n'), 8.5);
    await assert.rejects(dict.incr('n', 1n), code('ERR_SHM_WRONG_TYPE'));
    await dict.set('b', 2n ** 63n - 3n);
    assert.equal(await dict.incr('b'), 2n ** 63n - 2n);
    assert.equal(await dict.incr('b', 1n), 2n ** 63n - 1n);
    await assert.rejects(dict.incr('b', 1n), code('ERR_SHM_OVERFLOW'));
    assert.equal(await dict.incr('b', -(2n ** 63n)), -1n);
    assert.equal(await dict.incr('b', -(2n ** 63n) + 1n), -(2n ** 63n));
    await assert.rejects(dict.incr('b', -1n), code('ERR_SHM_OVERFLOW'));
    await dict.set('big', Number.MAX_VALUE);
    await assert.rejects(dict.incr('big', Number.MAX_VALUE), code('ERR_SHM_OVERFLOW'));
    await dict.set('s', 'text');
    await assert.rejects(dict.incr('s', 1), code('ERR_SHM_WRONG_TYPE'));
    const detail = await dict.incr('d', 1, { init: 0, ttl: 10, detail: true });
    assert.equal(detail.value, 1);
    assert.ok(detail.ttl > 9 && detail.ttl <= 10);
    assert.equal(detail.version, (await dict.getEntry('d')).version);
    const sums = await Promise.all(Array.from({ length: 100 }, () => dict.incr('cmany', 1, { init: 0 })));
    assert.deepEqual(sums.toSorted((a, b) => a - b), Array.from({ length: 100 }, (_, index) => index + 1));
  });

  test('lists', async () => {
    assert.equal(await dict.rpush('l', 'a', 1, Buffer.from('c')), 3);
    assert.equal(await dict.lpush('l', 'x', 'y'), 5);
    assert.deepEqual(await dict.lrange('l'), ['y', 'x', 'a', 1, Buffer.from('c')]);
    assert.equal(await dict.lpop('l'), 'y');
    assert.deepEqual(await dict.rpop('l'), Buffer.from('c'));
    assert.equal(await dict.llen('l'), 3);
    assert.equal(await dict.type('l'), 'list');
    for (const call of ['get', 'getEntry', 'take']) await assert.rejects(dict[call]('l'), code('ERR_SHM_WRONG_TYPE'));
    await assert.rejects(dict.swap('l', 1), code('ERR_SHM_WRONG_TYPE'));
    await assert.rejects(dict.incr('l', 1), code('ERR_SHM_WRONG_TYPE'));
    await dict.set('nolist', 1);
    await assert.rejects(dict.rpush('nolist', 1), code('ERR_SHM_WRONG_TYPE'));
    await assert.rejects(dict.llen('nolist'), code('ERR_SHM_WRONG_TYPE'));
    assert.equal(await dict.has('l'), true);
    assert.equal((await dict.getMany(['l', 'nolist'])).size, 1);
    assert.equal(await dict.delete('l'), true);
    assert.equal(await dict.lpop('l'), undefined);
  });

  test('many keys', async () => {
    const entries = Array.from({ length: 1000 }, (_, index) => [`m${index}`, index]);
    assert.equal(await dict.setMany(entries, 60), 1000);
    assert.equal(await dict.setMany([['m0', 0, { ifAbsent: true }], ['m1000', 1, 5]]), 1);
    const found = await dict.getMany(entries.map(([key]) => key));
    assert.deepEqual([...found], entries);
    assert.equal(await dict.deleteMany(['m0', 'm1', 'none']), 2);
    assert.equal(await dict.deletePrefix('m'), 999);
    assert.equal(await countOf(dict, 'm'), 0);
  });

  test('types and sizes', async () => {
    const kinds = { string: 's', number: 1, boolean: true, bigint: 1n, null: null, bytes: Buffer.from('x'), object: {} };
    for (const [kind, value] of Object.entries(kinds)) {
      await dict.set('kind', value);
      assert.equal(await dict.type('kind'), kind);
    }
    assert.ok((await dict.sizeOf('kind')) > 0);
    assert.equal(await dict.type('none'), undefined);
    const stats = await dict.stats();
    assert.equal(stats.masters, setup.urls.length);
    assert.ok(stats.usedMemory > 0 && stats.keys > 0);
  });

  test('rate limits', async () => {
    const options = { limit: 10, window: 10 };
    const results = await Promise.all(Array.from({ length: 15 }, () => dict.throttle('r', options)));
    assert.equal(results.filter(({ allowed }) => allowed).length, 10);
    const last = results.at(-1);
    assert.ok(last.retryAfter > 0.9 && last.retryAfter <= 1);
    assert.ok(last.resetAfter > 9.9 && last.resetAfter <= 10);
    assert.equal(last.remaining, 0);
    assert.equal((await dict.throttle('r', { ...options, cost: 0 })).allowed, true);
    assert.equal((await dict.throttle('r2', { ...options, burst: 3, cost: 2 })).remaining, 1);
    await assert.rejects(dict.throttle('r2', { ...options, cost: 11 }), { code: 'ERR_OUT_OF_RANGE' });
    await dict.set('r3', 1);
    await assert.rejects(dict.throttle('r3', options), code('ERR_SHM_WRONG_TYPE'));
    assert.equal(await dict.type('r'), 'bigint');
    await pause(1050);
    assert.equal((await dict.throttle('r', options)).allowed, true);
  });

  test('getOrSet runs one loader at a time, and stores what it returns', async () => {
    const other = setup.open({ prefix: 'app:' });
    let loads = 0;
    const loader = async () => {
      loads += 1;
      await pause(50);
      return { loads };
    };
    const results = await Promise.all([dict, other, dict, other].map((which) => which.getOrSet('g', loader, { ttl: 30 })));
    assert.equal(loads, 1);
    assert.deepEqual(results, Array.from({ length: 4 }, () => ({ loads: 1 })));
    assert.ok((await dict.ttl('g')) > 29);
    await assert.rejects(dict.getOrSet('g2', () => Promise.reject(new Error('no'))), { message: 'no' });
    assert.equal(await dict.getOrSet('g2', () => undefined), undefined);
    assert.equal(await dict.has('g2'), false);
    assert.equal(await dict.getOrSet('g2', async () => (await dict.set('g2', 'written'), 'loaded')), 'loaded');
    assert.equal(await dict.get('g2'), 'written');
    assert.equal(await dict.getOrSet('g3', async () => (await other.delete('g3'), 'loaded')), 'loaded');
    assert.equal(await dict.has('g3'), false);
    await assert.rejects(dict.getOrSet('g4', () => dict.getOrSet('g4', () => 1)), code('ERR_SHM_DEADLOCK'));
    await assert.rejects(dict.getOrSet('g5', () => pause(200), { timeout: 0.02 }), code('ERR_SHM_TIMEOUT'));
    await assert.rejects(dict.getOrSet('g6', () => pause(200), { signal: AbortSignal.timeout(20) }), { name: 'AbortError' });
    const shown = [];
    assert.equal(typeof (await dict.getOrSet('g7', () => () => 1, { onError: (error, key) => shown.push(key) })), 'function');
    assert.deepEqual(shown, ['g7']);
    await other.close();
  });

  test('getOrSet serves a stale value while one caller refreshes it', async () => {
    assert.equal(await dict.getOrSet('st', () => 1, { ttl: 0.05, staleFor: 10 }), 1);
    assert.ok((await dict.ttl('st')) <= 0.05);
    await pause(80);
    assert.equal(await dict.get('st'), undefined);
    assert.equal(await dict.has('st'), false);
    assert.deepEqual(await dict.getStale('st'), { value: 1, stale: true });
    assert.equal(await dict.add('st2', 1), true);
    let loads = 0;
    const refresh = () => dict.getOrSet('st', () => (loads += 1) && 2, { ttl: 10, staleFor: 10 });
    assert.equal(await refresh(), 1);
    while ((await dict.get('st')) !== 2) await pause(5);
    assert.equal(await refresh(), 2);
    assert.equal(loads, 1);
  });

  test('clear removes what is under the prefix and nothing else', async () => {
    const nested = setup.open({ prefix: 'app:x:' });
    await nested.set('1', 'nested');
    await dict.set('x:1', 'own');
    assert.equal(await nested.get('1'), 'nested');
    assert.deepEqual((await dict.getKeys()).filter((key) => key.startsWith('x')), ['x:1']);
    await nested.clear();
    assert.equal(await dict.get('x:1'), 'own');
    await dict.clear();
    assert.deepEqual(await dict.getKeys(), []);
    await nested.close();
  });

  test('what others wrote under the prefix is refused, however it looks', async () => {
    for (const url of setup.urls) {
      const client = await clientOf({ after: (end) => ends.unshift(end) }, url);
      await client.sendCommand(['SET', 'app:foreign', 'x'.repeat(100)]).catch(() => {});
      await client.sendCommand(['SADD', 'app:aset', 'x']).catch(() => {});
    }
    await assert.rejects(dict.get('foreign'), code('ERR_SHM_UNSUPPORTED'));
    await assert.rejects(dict.get('aset'), code('ERR_SHM_WRONG_TYPE'));
    const small = setup.open({ prefix: 'app:', maxValueSize: 1000 });
    await dict.set('large', 'x'.repeat(2000));
    await assert.rejects(small.get('large'), code('ERR_SHM_TOO_LARGE'));
    await small.close();
  });

  test('JSON for programs in other languages', async () => {
    const json = setup.open({ prefix: 'app:', codec: 'json' });
    await json.set('j', { a: [1, { b: 2 }] });
    assert.deepEqual(await dict.get('j'), { a: [1, { b: 2 }] });
    await json.close();
  });
});

async function countOf(dict, prefix) {
  let count = 0;
  for await (const _ of dict.keys({ prefix })) count += 1;
  return count;
}
