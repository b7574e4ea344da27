import { deserialize, serialize } from 'node:v8';
import test from 'ava';
import { makeDict, openAgain } from '../support/dict';
import { throwsArgument, throwsArgValue, throwsShm } from '../support/throws';

const upper = {
  name: 'upper',
  encode: (value: unknown) => Buffer.from(JSON.stringify(value).toUpperCase()),
  decode: (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString()) as unknown,
};

test('codec: the default is that of structured clone', (t) => {
  const dict = makeDict(t);
  const other = openAgain(t, dict, { codec: 'structured' });
  dict.set('v', new Map([['a', 1]]));
  t.deepEqual(other.get('v'), new Map([['a', 1]]));
});

test("codec: 'json' stores what JSON can represent", (t) => {
  const dict = makeDict(t, { codec: 'json' });
  dict.set('v', { a: [1, 'x', null], d: new Date(0) });
  t.deepEqual(dict.get('v'), { a: [1, 'x', null], d: '1970-01-01T00:00:00.000Z' });
});

test('codec: every handle can read what the built-in codecs wrote', (t) => {
  const dict = makeDict(t);
  const json = openAgain(t, dict, { codec: 'json', accept: ['plain', 'json', 'structured'] });
  dict.set('structured', { from: 'v8' });
  json.set('json', { from: 'json' });
  for (const handle of [dict, json]) {
    t.deepEqual(handle.get('structured'), { from: 'v8' });
    t.deepEqual(handle.get('json'), { from: 'json' });
  }
});

test('codec: a custom one encodes and decodes', (t) => {
  const dict = makeDict(t, { codec: upper });
  dict.set('v', { a: 'b' });
  t.deepEqual(dict.get('v'), { A: 'B' });
  t.deepEqual([...dict.values()], [{ A: 'B' }]);
});

test('codec: a custom one is called only for values without a form of their own', (t) => {
  let calls = 0;
  const codec = {
    name: 'counting',
    encode: (value: unknown) => {
      calls += 1;
      return serialize(value);
    },
    decode: (bytes: Uint8Array) => deserialize(bytes) as unknown,
  };
  const dict = makeDict(t, { codec });
  for (const value of ['text', 1, 1n, true, null, Buffer.from('b')]) {
    dict.set('v', value);
    t.deepEqual(dict.get('v'), value);
  }
  t.is(calls, 0);
  dict.set('v', { a: 1 });
  t.is(calls, 1);
});

test('codec: a handle without it throws ERR_SHM_UNSUPPORTED, and reads all other entries', (t) => {
  const dict = makeDict(t, { codec: upper });
  dict.set('custom', { a: 1 });
  dict.set('plain', 'text');
  const other = openAgain(t, dict);
  const error = throwsShm(t, () => other.get('custom'), 'ERR_SHM_UNSUPPORTED');
  t.true(error.message.includes('upper'), error.message);
  t.is(other.get('plain'), 'text');
  t.true(other.has('custom'));
  t.true(other.delete('custom'));
});

test('codec: a handle with another custom codec does not misread an entry', (t) => {
  const dict = makeDict(t, { codec: upper });
  dict.set('custom', { a: 1 });
  const other = openAgain(t, dict, { codec: { ...upper, name: 'other' } });
  throwsShm(t, () => other.get('custom'), 'ERR_SHM_UNSUPPORTED');
});

test('codec: set stores nothing when it throws', (t) => {
  const thrown = new Error('mine');
  const dict = makeDict(t, {
    codec: {
      name: 'thrower',
      encode: () => {
        throw thrown;
      },
      decode: () => null,
    },
  });
  t.is(
    t.throws(() => dict.set('v', {})),
    thrown,
  );
  t.false(dict.has('v'));
});

test('codec: set throws when it does not return bytes', (t) => {
  const dict = makeDict(t, { codec: { name: 'wrong', encode: (() => 'text') as never, decode: () => null } });
  throwsArgument(t, () => dict.set('v', {}));
  t.false(dict.has('v'));
});

test('codec: it may use the dictionary', (t) => {
  const dict = makeDict(t, {
    codec: {
      name: 'nosy',
      encode: (value: unknown) => {
        dict.incr('encoded', 1, { init: 0 });
        return serialize(value);
      },
      decode: (bytes: Uint8Array) => {
        dict.incr('decoded', 1, { init: 0 });
        return deserialize(bytes) as unknown;
      },
    },
  });
  dict.set('v', { a: 1 });
  t.deepEqual(dict.get('v'), { a: 1 });
  t.is(dict.get('encoded'), 1);
  t.is(dict.get('decoded'), 1);
});

test('codec: an option that is no codec is refused', (t) => {
  for (const codec of ['xml', 5, {}, { name: 'x' }, { name: '', encode: () => 1, decode: () => 1 }, null]) {
    throwsArgument(t, () => makeDict(t, { codec: codec as never }), String(codec));
  }
});

test('codec: a name that accept has for a built-in encoding is refused', (t) => {
  const dict = makeDict(t);
  for (const name of ['plain', 'json', 'structured']) {
    throwsArgValue(t, () => openAgain(t, dict, { codec: { ...upper, name } }), name);
    openAgain(t, dict, { codec: { ...upper, name: `${name} ` } }).set('v', { a: 1 });
  }
});
