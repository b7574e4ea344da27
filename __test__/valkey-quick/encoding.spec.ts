import test from 'ava';
import { RemoteDict } from 'shmkit/valkey';
import { fakeClient } from './fake-client';

const HEAD = 18;

function open(options: { codec?: 'binary' | 'json' } = {}) {
  const client = fakeClient();
  return { client, dict: new RemoteDict({ client, prefix: 'app', ...options }) };
}

/** Makes a dictionary that reads these bytes, after a sound head. */
async function reading(encoded: Buffer) {
  const { client, dict } = open();
  await dict.set('k', 1);
  const name = 'app:k';
  client.stored.set(name, Buffer.concat([(client.stored.get(name) as Buffer).subarray(0, HEAD), encoded]));
  return dict;
}

test('shmkit/valkey: values of every plain type come back as they were', async (t) => {
  const { dict } = open();
  const sparse: unknown[] = [];
  sparse.length = 3;
  sparse[1] = undefined;
  const values = [
    ['', 'käse', '\ud800', 'a\udc00b', '\0'],
    [0, -0, NaN, -Infinity, 5e-324, Number.MAX_VALUE, 2 ** 53],
    [true, false, null, 0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)],
    [Buffer.alloc(0), Buffer.from([0, 255]), new Date(1.5e12), new Date(NaN)],
    [new Map<unknown, unknown>([[{ a: 1 }, new Set([[], {}])]]), { 'ä': { '': 2n ** 200n, n: [-(2n ** 64n)] } }, sparse],
    [new Float32Array([1, NaN]), new BigInt64Array([-1n]), new DataView(new ArrayBuffer(3)), new Uint8ClampedArray([9]).buffer],
  ].flat();
  for (const value of values) {
    await dict.set('k', value);
    t.deepEqual(await dict.get('k'), value);
    await dict.set('k', [value]);
    t.deepEqual(await dict.get('k'), [value]);
  }
  await dict.set('k', sparse);
  const read = await dict.get('k');
  t.deepEqual(Object.keys(read), ['1']);
  await dict.set('k', JSON.parse('{"__proto__":{"x":1}}'));
  t.deepEqual(Object.keys(await dict.get('k')), ['__proto__']);
  t.is((await dict.get('k')).x, undefined);
});

test('shmkit/valkey: values of every size come back, wherever the bytes of their parts end', async (t) => {
  const { dict } = open();
  const parts: unknown[] = [1.5, 7n, -(2n ** 80n), 'text', true, null, new Date(5), Buffer.from('b'), '\ud800'];
  for (let size = 1; size < 150; size += 1) {
    const filling = 'x'.repeat(size);
    for (const part of parts) {
      await dict.set('k', [filling, part]);
      t.deepEqual(await dict.get('k'), [filling, part]);
    }
  }
  const numbers = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, index % 2 ? index : BigInt(index)]));
  await dict.set('k', numbers);
  t.deepEqual(await dict.get('k'), numbers);
});

test('shmkit/valkey: a value without an encoding is refused, and nothing is sent', async (t) => {
  const { client, dict } = open();
  const circle: unknown[] = [];
  circle.push(circle);
  let deep: unknown[] = [];
  for (let level = 0; level < 300; level += 1) deep = [deep];
  for (const value of [undefined, () => {}, Symbol('s'), [/x/], new Error('x'), new WeakMap(), Object(1), new Proxy({}, {})]) await t.throwsAsync(dict.set('k', value), { code: 'ERR_INVALID_ARG_TYPE' });
  for (const value of [circle, deep]) await t.throwsAsync(dict.set('k', value), { code: 'ERR_INVALID_ARG_VALUE' });
  await t.throwsAsync(dict.set('k', 2n ** 63n), { code: 'ERR_OUT_OF_RANGE' });
  t.is(client.stored.size, 0);
});

test('shmkit/valkey: bytes that encode no value throw, and take no memory', async (t) => {
  const nested = Buffer.concat([...Array.from({ length: 300 }, () => Buffer.from('a\x01')), Buffer.from('n')]);
  const lengths = [Buffer.from('s\x05ab'), Buffer.from('b\xff\xff\xff\xff\xff\x7f', 'latin1'), Buffer.from('a\xff\xff\xff\x7f', 'latin1'), Buffer.from('m\x02nn')];
  const wrong = ['', 'd', 'x', 'nn', 'h', 'v', 'o\x01nn', 's\x01\xff', 'y\x63\x00', 'y\x03\x01x', 'I\x00\x00', 'j\x01{', 'e\x01h'].map((text) => Buffer.from(text, 'latin1'));
  for (const bytes of [nested, ...lengths, ...wrong]) {
    const dict = await reading(bytes);
    await t.throwsAsync(dict.get('k'), { code: 'ERR_SHM_UNSUPPORTED' }, bytes.toString('latin1').slice(0, 20));
  }
});

test('shmkit/valkey: nested lengths that promise too much take no memory', async (t) => {
  const size = 1_000_000;
  const levels: Buffer[] = [];
  for (let left = size; levels.length < 240; left -= 4) {
    // "e" and a varint of three bytes: a set of as many elements as there are bytes left.
    const count = left - 4;
    levels.push(Buffer.from([0x65, (count & 127) | 128, ((count >> 7) & 127) | 128, count >> 14]));
  }
  const dict = await reading(Buffer.concat([...levels, Buffer.alloc(size - 4 * levels.length, 'n')]));
  const before = process.memoryUsage.rss();
  await dict.get('k').catch(() => {});
  t.true(process.memoryUsage.rss() - before < 300 * 2 ** 20);
});

test('shmkit/valkey: an object is JSON text with that codec', async (t) => {
  const { client, dict } = open({ codec: 'json' });
  await dict.set('k', { a: [1] });
  t.is((client.stored.get('app:k') as Buffer).subarray(HEAD).toString(), 'j\x09{"a":[1]}');
  t.deepEqual(await dict.get('k'), { a: [1] });
});

test('shmkit/valkey: keys and prefixes are told apart, and no key chooses its slot', async (t) => {
  const { client, dict } = open();
  const keys = ['a', 'x:a', 'x%3Aa', '{t}a', '%7Bt%7Da', '\ud83d', '%uD83D', '\ud83d\ude00', '__proto__', '\0'];
  for (const key of keys) await dict.set(key, key);
  t.is(client.stored.size, keys.length);
  for (const key of keys) t.is(await dict.get(key), key);
  const names = [...client.stored.keys()];
  t.true(names.every((name) => /^app:[^:{}]+$/.test(name)), names.join(' '));
  for (const prefix of ['', '{a}', '\ud800', 1]) t.throws(() => new RemoteDict({ client, prefix: prefix as string }), undefined, String(prefix));
});

test('shmkit/valkey: an unknown option, and no server or two of them, are refused', (t) => {
  const client = fakeClient();
  t.throws(() => new RemoteDict({ client, prefx: 'a' } as object), { code: 'ERR_INVALID_ARG_VALUE', message: /prefx/ });
  t.throws(() => new RemoteDict({}), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => new RemoteDict({ url: 'redis://x', cluster: ['redis://x'] }), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => new RemoteDict({ url: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
});
