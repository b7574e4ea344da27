import test from 'ava';
import { makeDict } from '../support/dict';
import { throwsArgType } from '../support/throws';

const REFUSED: Array<[string, unknown]> = [
  ['undefined', undefined],
  ['a function', () => 1],
  ['a class', Map],
  ['a symbol', Symbol('s')],
  ['a function in an object', { f: () => 1 }],
  ['a symbol in an array', [Symbol('s')]],
  ['a function deep inside', { a: [{ b: new Map([['f', () => 1]]) }] }],
  ['a promise', Promise.resolve(1)],
  ['a WeakMap', new WeakMap()],
];

for (const [title, value] of REFUSED) {
  test(`set refuses ${title} before anything is touched`, (t) => {
    const dict = makeDict(t);
    dict.set('old', 'kept');
    const version = dict.getEntry('old')?.version;
    throwsArgType(t, () => dict.set('old', value as never));
    throwsArgType(t, () => dict.add('new', value as never));
    throwsArgType(t, () => dict.replace('old', value as never));
    throwsArgType(t, () => dict.swap('old', value as never));
    throwsArgType(t, () => dict.setMany([['old', value as never]]));
    t.is(dict.get('old'), 'kept');
    t.is(dict.getEntry('old')?.version, version);
    t.false(dict.has('new'));
  });
}

test('set: a getter may use the dictionary while its object is being stored', (t) => {
  const dict = makeDict(t);
  const value = {
    get inner() {
      dict.set('other', 1);
      dict.delete('v');
      return dict.get('other');
    },
  };
  t.true(dict.set('v', value));
  t.deepEqual(dict.get('v'), { inner: 1 });
  t.is(dict.get('other'), 1);
});

test('set stores nothing and passes on the error when a getter throws', (t) => {
  const dict = makeDict(t);
  const thrown = new Error('mine');
  const value = {
    get inner(): number {
      throw thrown;
    },
  };
  const error = t.throws(() => dict.set('v', value));
  t.is(error, thrown);
  t.false(dict.has('v'));
});

test('set: getters of the options may use the dictionary', (t) => {
  const dict = makeDict(t);
  const options = {
    get ttl() {
      dict.set('a', 'by the getter');
      return 100;
    },
  };
  t.true(dict.set('a', 'by the call', options));
  t.is(dict.get('a'), 'by the call');
  t.true((dict.ttl('a') as number) > 90);
});

test('set throws ERR_SHM_CLOSED when a getter closes the dictionary', (t) => {
  const dict = makeDict(t);
  const value = {
    get inner() {
      dict.close();
      return 1;
    },
  };
  t.throws(() => dict.set('v', value), { code: 'ERR_SHM_CLOSED' });
});

test('set: a getter that shrinks a buffer during the write does no harm', (t) => {
  const dict = makeDict(t);
  const Resizable = ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer & { resize(size: number): void };
  const memory = new Resizable(4096, { maxByteLength: 4096 });
  const options = {
    get ttl() {
      memory.resize(0);
      return 0;
    },
  };
  try {
    dict.set('v', new Uint8Array(memory), options);
  } catch (error) {
    t.regex((error as { code: string }).code, /^ERR_/);
  }
  const stored = dict.get('v') as Buffer | undefined;
  t.true(stored === undefined || stored.length === 0 || stored.length === 4096);
  t.true(dict.verify().ok);
});

test('set refuses a Proxy or stores what it shows', (t) => {
  const dict = makeDict(t);
  try {
    dict.set('v', new Proxy({ a: 1 }, {}));
  } catch (error) {
    t.is((error as { code: string }).code, 'ERR_INVALID_ARG_TYPE');
    t.false(dict.has('v'));
    return;
  }
  t.deepEqual(dict.get('v'), { a: 1 });
});

test('set and get never call toString and valueOf of an argument', (t) => {
  const dict = makeDict(t);
  const trap = {
    toString: () => t.fail('toString was called') as never,
    valueOf: () => t.fail('valueOf was called') as never,
    [Symbol.toPrimitive]: () => t.fail('toPrimitive was called') as never,
  };
  throwsArgType(t, () => dict.get(trap as never));
  throwsArgType(t, () => dict.set(trap as never, 1));
  throwsArgType(t, () => dict.incr('n', trap as never));
});
