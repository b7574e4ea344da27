// The memory of a closed dictionary is free at once, although the local cache had a view of it.
import fs from 'node:fs';
import test from 'ava';
import { SharedDict } from 'shmkit';
import { makeDir } from '../support/dict';

test('close: unmaps the memory at once, without a turn of the event loop', (t) => {
  const dir = makeDir(t);
  const mapped = () => fs.readFileSync('/proc/self/maps', 'utf8').split('\n').filter((line) => line.includes(dir));
  for (let round = 0; round < 10; round += 1) {
    const dict = SharedDict.create(`name-${round}`, { size: '1mb', dir });
    dict.set('key', round);
    t.deepEqual([dict.get('key'), dict.get('key')], [round, round]);
    t.true(mapped().length > 0);
    dict.close();
    t.deepEqual(mapped(), []);
  }
});
