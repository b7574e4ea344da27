import test from 'ava';
import type { Codec, SharedDict } from 'shmkit';
import { makeDict, openAgain } from '../support/dict';
import { throwsShm } from '../support/throws';

const own: Codec = { name: 'own', encode: (value) => Buffer.from(JSON.stringify(value)), decode: (bytes) => JSON.parse(String(bytes)) as unknown };
const broken: Codec = {
  ...own,
  decode: () => {
    throw new Error('broken');
  },
};

const WRITES: ReadonlyArray<readonly [string, (dict: SharedDict) => unknown]> = [
  ['take', (dict) => dict.take('k')],
  ['swap', (dict) => dict.swap('k', 'new')],
  ['swap of an object', (dict) => dict.swap('k', { new: 1 })],
  ['getAndExpire', (dict) => dict.getAndExpire('k', 60)],
  ['getAndExpire in the past', (dict) => dict.getAndExpire('k', { expiresAt: 0 })],
  ['update', (dict) => dict.update('k', () => 1)],
];

for (const [name, write] of WRITES) {
  test(`${name} changes nothing when the handle cannot decode the value`, (t) => {
    const dict = makeDict(t, { codec: own });
    dict.set('k', { old: 1 });
    const before = dict.getEntry('k');
    throwsShm(t, () => write(openAgain(t, dict)), 'ERR_SHM_UNSUPPORTED');
    t.throws(() => write(openAgain(t, dict, { codec: broken })), { message: 'broken' });
    t.deepEqual(dict.getEntry('k'), before);
  });
}

test('take, swap and getAndExpire return what another writer stored while the value was decoded', (t) => {
  const dict = makeDict(t);
  let races = 0;
  const racing: Codec = {
    ...own,
    decode(bytes) {
      races += 1;
      if (races < 3) dict.set('k', races === 1 ? { n: 2 } : 'plain');
      return own.decode(bytes);
    },
  };
  for (const write of [(other: SharedDict) => other.take('k'), (other: SharedDict) => other.swap('k', 9), (other: SharedDict) => other.getAndExpire('k', 9)]) {
    races = 0;
    openAgain(t, dict, { codec: own }).set('k', { n: 1 });
    t.deepEqual(write(openAgain(t, dict, { codec: racing })), { n: 2 });
    races = 1;
    openAgain(t, dict, { codec: own }).set('k', { n: 1 });
    t.is(write(openAgain(t, dict, { codec: racing })), 'plain');
  }
});

test('take of an object returns undefined when another caller took it while it was decoded', (t) => {
  const dict = makeDict(t, { codec: own });
  dict.set('k', { n: 1 });
  const racing: Codec = {
    ...own,
    decode(bytes) {
      dict.delete('k');
      return own.decode(bytes);
    },
  };
  t.is(openAgain(t, dict, { codec: racing }).take('k'), undefined);
});
