import test from 'ava';
import { makeDict, openAgain } from '../support/dict';

const VALUES = [
  ['string', 'text'],
  ['string', 'wide \u{1F600}'],
  ['string', ''],
  ['number', 1.5],
  ['boolean', false],
  ['bigint', 5n],
  ['null', null],
  ['bytes', Buffer.from('bytes')],
  ['object', { an: 'object' }],
  ['object', [1, 2]],
  ['object', new Map([[1, 2]])],
  ['string', 'x'.repeat(100_000)],
] as const;

for (const options of [{}, { codec: 'json' as const, checksums: true }]) {
  test(`type names the type of every value without decoding it (${JSON.stringify(options)})`, (t) => {
    const dict = makeDict(t, options);
    const reader = openAgain(t, dict, { readOnly: true });
    for (const [type, value] of VALUES) {
      if (value instanceof Map && 'codec' in options) continue;
      dict.set('k', value, 60);
      t.is(dict.type('k'), type);
      dict.set('k', value);
      t.is(reader.type('k'), type);
    }
    dict.set('k', 1, { expiresAt: 0 });
    t.is(reader.type('k'), undefined);
    dict.rpush('l', 1);
    t.is(reader.type('l'), 'list');
  });
}

test('type reports what a codec wrote that this handle does not have', (t) => {
  const dict = makeDict(t, { codec: { name: 'own', encode: () => Buffer.from('x'), decode: () => ({}) } });
  dict.set('k', {});
  t.is(openAgain(t, dict).type('k'), 'object');
});

test('sizeOf returns the memory of an entry: blocks, chains and lists', (t) => {
  const dict = makeDict(t);
  const reader = openAgain(t, dict, { readOnly: true });
  t.is(dict.sizeOf('k'), undefined);
  dict.set('k', 1);
  t.true((dict.sizeOf('k') as number) >= 24 && (dict.sizeOf('k') as number) <= 128);
  for (const length of [1000, 10_000, 100_000, 300_000]) {
    const before = dict.stats().used;
    dict.set('long', 'x'.repeat(length));
    t.is(reader.sizeOf('long'), dict.stats().used - before);
    t.true((reader.sizeOf('long') as number) >= length);
    dict.delete('long');
  }
  const before = dict.stats().used;
  for (let item = 0; item < 100; item += 1) dict.rpush('list', 'x'.repeat(item * 50));
  t.is(reader.sizeOf('list'), dict.stats().used - before);
});

test('sizeOf and type of an expired key are undefined', async (t) => {
  const dict = makeDict(t);
  dict.set('k', 1, 0.001);
  dict.rpush('l', 1);
  dict.expire('l', 0.001);
  await new Promise((resolve) => setTimeout(resolve, 5));
  for (const key of ['k', 'l']) {
    t.is(dict.type(key), undefined);
    t.is(dict.sizeOf(key), undefined);
  }
});
