import test from 'ava';
import { makeDict, openAgain } from '../support/dict';
import { throwsShm } from '../support/throws';

/** Around the most bytes that a read passes without a Buffer of its own. */
const LENGTHS = [0, 1, 100, 32_700, 32_760, 32_768, 32_800, 40_000, 200_000];

for (const codec of ['structured', 'json'] as const) {
  test(`get returns objects of all lengths as they were stored, codec ${codec}`, (t) => {
    const dict = makeDict(t, { size: '8mb', codec });
    for (const length of LENGTHS) {
      const value = { text: 'x'.repeat(length), wide: '東'.repeat(length / 10) };
      dict.set(`k${length}`, value);
      t.deepEqual(dict.get(`k${length}`), value);
    }
    t.is([...dict].length, LENGTHS.length);
  });
}

test('a record has its own text after a value that the handle refused', (t) => {
  const dict = makeDict(t);
  const value = { first: 'own', long: 'x'.repeat(3000) };
  dict.set('record', value);
  const refusing = openAgain(t, dict, { accept: ['plain'] });
  for (const codec of ['structured', 'json'] as const) {
    openAgain(t, dict, { codec }).set('refused', { text: 'of another value' });
    throwsShm(t, () => refusing.get('refused'), 'ERR_SHM_UNSUPPORTED');
    t.deepEqual(dict.get('record'), value);
  }
});

test('a codec with keepsBytes may keep and change its bytes, and read other values meanwhile', (t) => {
  const kept: Buffer[] = [];
  const dict = makeDict(t, { size: '8mb' });
  const reader = openAgain(t, dict, {
    codec: {
      name: 'keeper',
      keepsBytes: true,
      encode: (value) => Buffer.from(String((value as { text: string }).text)),
      decode: (bytes: Buffer) => {
        kept.push(bytes);
        t.is(bytes.buffer.byteLength, bytes.length);
        const nested = bytes.toString() === 'one' ? reader.get('two') : undefined;
        const text = bytes.toString();
        bytes.fill(0);
        return { text, nested };
      },
    },
  });
  reader.set('one', { text: 'one' } as never);
  reader.set('two', { text: 'two' } as never);
  dict.set('object', { of: 'another codec' });
  t.deepEqual(reader.get('one'), { text: 'one', nested: { text: 'two', nested: undefined } });
  t.deepEqual(reader.get('object'), { of: 'another codec' });
  t.deepEqual(reader.get('one'), { text: 'one', nested: { text: 'two', nested: undefined } });
  t.is(new Set(kept).size, 4);
});

test('a codec without keepsBytes has its bytes until it returns, also when it reads other values', (t) => {
  const dict = makeDict(t, { size: '8mb' });
  let lent: ArrayBufferLike | undefined;
  const reader = openAgain(t, dict, {
    codec: {
      name: 'borrower',
      encode: (value) => Buffer.from(String((value as { text: string }).text)),
      decode: (bytes: Buffer) => {
        const nested = bytes.toString() === 'one' ? reader.get('two') : undefined;
        const large = bytes.toString() === 'one' ? reader.get('large') : undefined;
        lent = bytes.buffer;
        return { text: bytes.toString(), nested, large };
      },
    },
  });
  const text = 'x'.repeat(50_000);
  for (const [key, value] of [['one', 'one'], ['two', 'two'], ['large', text]] as const) reader.set(key, { text: value } as never);
  const bare = { nested: undefined, large: undefined };
  const expected = { text: 'one', nested: { text: 'two', ...bare }, large: { text, ...bare } };
  t.deepEqual(reader.get('one'), expected);
  const first = lent;
  t.deepEqual(reader.get('one'), expected);
  t.is(lent, first, 'the memory is used again');
  structuredClone(lent, { transfer: [lent as ArrayBuffer] });
  t.deepEqual(reader.get('one'), expected, 'also after the codec has detached it');
});

test('buffers of an object stay as they are when later objects are read', (t) => {
  const dict = makeDict(t);
  dict.set('a', { whole: Uint8Array.of(1, 2, 3), part: new Uint8Array([9, 8, 7, 6]).subarray(1, 3), big: 2n ** 100n });
  dict.set('b', { whole: Uint8Array.of(4, 5, 6), part: new Uint8Array([5, 4, 3, 2]).subarray(1, 3), big: 2n ** 101n });
  const first = dict.get('a');
  dict.get('b');
  t.deepEqual(first, { whole: Uint8Array.of(1, 2, 3), part: Uint8Array.of(8, 7), big: 2n ** 100n });
});
