import test from 'ava';
import { SharedDict } from 'shmkit';
import { makeDict, openAgain, testName } from '../support/dict';
import { throwsArgType, throwsArgument, throwsShm } from '../support/throws';

const upper = { name: 'upper', encode: () => Buffer.from('custom'), decode: (bytes: Uint8Array) => ({ text: String(bytes) }) };

/** Makes a dictionary with a value of each encoding. */
function filled(t: Parameters<typeof makeDict>[0] & Parameters<typeof openAgain>[0]): SharedDict {
  const dict = makeDict(t);
  dict.set('plain', 'text');
  dict.set('bytes', Buffer.from('bytes'));
  dict.set('null', null);
  dict.rpush('list', 'item');
  dict.set('structured', { a: 1 });
  openAgain(t, dict, { codec: 'json' }).set('json', { a: 2 });
  openAgain(t, dict, { codec: upper }).set('custom', {});
  return dict;
}

const PLAIN = ['bytes', 'list', 'null', 'plain'];
const CASES: Array<[string[], string[]]> = [
  [['plain'], PLAIN],
  [['plain', 'json'], ['bytes', 'json', 'list', 'null', 'plain']],
  [['json'], ['json']],
  [['structured', 'upper'], ['custom', 'structured']],
  [[], []],
];

for (const [accept, readable] of CASES) {
  test(`accept: a handle with [${accept.join()}] reads nothing else`, (t) => {
    const dict = openAgain(t, filled(t), { accept, codec: upper });
    t.deepEqual([...dict].map(([key]) => key).toSorted(), readable);
    const keys = [...dict.keys()];
    const found = [...dict.getMany(keys.filter((key) => key !== 'list')).keys()];
    t.deepEqual(found.toSorted(), readable.filter((key) => key !== 'list'));
    for (const key of keys.filter((name) => name !== 'list')) {
      if (readable.includes(key)) {
        t.not(dict.get(key), undefined);
        continue;
      }
      throwsShm(t, () => dict.get(key), 'ERR_SHM_UNSUPPORTED');
      throwsShm(t, () => dict.take(key), 'ERR_SHM_UNSUPPORTED');
      throwsShm(t, () => dict.swap(key, {}), 'ERR_SHM_UNSUPPORTED');
      throwsShm(t, () => dict.get(key), 'ERR_SHM_UNSUPPORTED');
      throwsShm(t, () => dict.getEntry(key), 'ERR_SHM_UNSUPPORTED');
      throwsShm(t, () => dict.update(key, () => 1), 'ERR_SHM_UNSUPPORTED');
    }
    if (readable.includes('list')) t.deepEqual(dict.lrange('list'), ['item']);
    else for (const call of [() => dict.lrange('list'), () => dict.lpop('list'), () => dict.rpop('list')]) throwsShm(t, call, 'ERR_SHM_UNSUPPORTED');
    t.is(dict.llen('list'), 1);
  });
}

test("accept: with codec 'json' the default is plain values and JSON", (t) => {
  const dict = openAgain(t, filled(t), { codec: 'json' });
  t.deepEqual(dict.get('json'), { a: 2 });
  t.is(dict.get('plain'), 'text');
  const error = throwsShm(t, () => dict.get('structured'), 'ERR_SHM_UNSUPPORTED');
  t.regex(error.message, /structured/);
  throwsShm(t, () => dict.get('custom'), 'ERR_SHM_UNSUPPORTED');
});

test('accept: it is an option of every call that opens a dictionary', (t) => {
  const name = testName(t);
  const created = SharedDict.create(name, { size: '64kb', accept: ['plain'] });
  t.teardown(() => created.close());
  created.set('v', { a: 1 });
  throwsShm(t, () => created.get('v'), 'ERR_SHM_UNSUPPORTED');
  const found = SharedDict.openOrCreate(name, { accept: ['plain'] });
  t.teardown(() => found.close());
  throwsShm(t, () => found.get('v'), 'ERR_SHM_UNSUPPORTED');
});

test('accept: what is no array of names is refused', (t) => {
  for (const accept of ['plain', {}, [1], null]) throwsArgType(t, () => makeDict(t, { accept: accept as never }));
  throwsArgument(t, () => makeDict(t, { accept: [''] }));
});
