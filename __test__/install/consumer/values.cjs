// Values of every kind that the default codec stores. A function that throws makes one that this runtime does not have.
const shared = { n: 1 };
const bytes = (length) => Uint8Array.from({ length }, (_, index) => index + 1);
const buffer = () => bytes(32).buffer;

function error(options) {
  const made = new RangeError('message', options);
  made.stack = 'the stack';
  return made;
}

function cycle() {
  const value = { left: shared, right: shared, list: [] };
  value.list.push(value);
  return value;
}

function together() {
  const memory = buffer();
  return { memory, whole: new Uint8Array(memory), part: new Uint16Array(memory, 8, 4) };
}

const missing = () => {
  throw new Error('this runtime has no such class');
};

exports.values = {
  text: () => 'latin1 ÿ, 東京, \ud800',
  number: () => -0,
  bigint: () => 2n ** 62n,
  boolean: () => true,
  null: () => null,
  buffer: () => Buffer.from('bytes'),
  object: () => ({ a: [1, 'x', null, undefined, { deep: 2n ** 200n }], '東京': Number.NaN }),
  // Plain data, which is stored as records.
  record: () => ({ id: 1, name: 'ÿ', tags: ['a', ''], nested: { when: new Date(5), none: null, missing: undefined, big: -(2n ** 63n) } }),
  'record of numbers': () => [0, -0, 127, 128, -32_769, 2 ** 31, 0.1, Number.NaN, -Infinity],
  'wide record': () => ({ 東京: '東京', lone: '\ud800', long: 'é'.repeat(3000) }),
  'records of many structures': () => Array.from({ length: 200 }, (_, index) => ({ [`key ${index}`]: index, toString: 'own', 7: true })),
  holes: () => Object.assign([1], { 2: 3 }),
  date: () => new Date(1e12),
  map: () => new Map([['a', new Set([1])]]),
  regexp: () => /a+b/gi,
  boxed: () => [Object(1), Object('s'), Object(true), Object(5n)],
  error: () => error(),
  'error with a cause': () => error({ cause: { a: 1 } }),
  cycle,
  'typed arrays': () => ({ f: Float32Array.of(1, 2), d: new DataView(buffer(), 3, 5), b: BigInt64Array.of(1n) }),
  'a Buffer inside': () => ({ body: Buffer.from('from the pool') }),
  'a buffer with views': together,
  'a resizable buffer': () => {
    const made = new ArrayBuffer(4, { maxByteLength: 16 });
    return made.resizable ? { made, view: new Uint8Array(made) } : missing();
  },
  Float16Array: () => (globalThis.Float16Array ? { half: globalThis.Float16Array.of(0.5) } : missing()),
};

/** What every runtime writes and reads. The others need the serializer of V8, and some a class of a new version. */
exports.everywhere = [
  'text', 'number', 'bigint', 'boolean', 'null', 'buffer', 'date',
  'record', 'record of numbers', 'wide record', 'records of many structures',
];

/** Returns the value, or undefined if this runtime has none of the kind. */
exports.make = (name) => {
  try {
    return exports.values[name]();
  } catch {
    return undefined;
  }
};
