// The suite of Keyv for stores, with Keyv 5 and, where it agrees with that, with Keyv 6.
import suite, { keyvIteratorTests } from '@keyv/test-suite';
import { Keyv } from 'keyv';
import { Keyv as Keyv6 } from 'keyv-6';
import { SharedDict } from 'shmkit';
import KeyvShmStore from 'shmkit/keyv';
import * as test from 'vitest';

for (const [version, Class] of Object.entries({ 5: Keyv, 6: Keyv6 })) {
  test.describe(`Keyv ${version}`, () => {
    const dict = SharedDict.create(`adapters-keyv-${process.pid}-${version}`, '8mb');
    test.afterAll(() => dict.close());
    const store = () => new KeyvShmStore(dict);
    // Keyv 6 answers `deleteMany` for each key.
    if (version !== '6') suite(test, Class, store);
    keyvIteratorTests(test, Class, store);
  });
}

test.it('Keyv 6: namespaces are apart, and times are kept', async (t) => {
  const dict = SharedDict.create(`adapters-keyv-${process.pid}-namespaces`, '1mb');
  t.onTestFinished(() => dict.close());
  const [one, other] = ['one', 'other'].map((namespace) => new Keyv6({ store: new KeyvShmStore(dict), namespace }));
  await one.set('a', 1, 60_000);
  await other.set('a', 2);
  t.expect([await one.get('a'), await other.get('a')]).toEqual([1, 2]);
  t.expect([...dict.keys()].map((key) => dict.ttl(key) > 0).toSorted()).toEqual([false, true]);
  await one.clear();
  t.expect([await one.get('a'), await other.get('a')]).toEqual([undefined, 2]);
});
