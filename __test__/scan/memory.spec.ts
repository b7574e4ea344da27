// What a program keeps of a scan.
import test from 'ava';
import { makeDict } from '../support/dict';
import { collectGarbage } from '../support/file';

test('a key that is kept keeps no other key in memory', async (t) => {
  const dict = makeDict(t, { size: '32mb' });
  for (let index = 0; index < 300; index += 1) {
    dict.set(`${index}-${'x'.repeat(30_000)}`, 1);
    dict.set(`short key number ${index}`, 1);
  }
  await collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const kept = [...dict.getKeys(), ...dict.keys()].filter((key) => key.length < 100);
  t.is(kept.length, 600);
  await collectGarbage();
  const grown = process.memoryUsage().heapUsed - before;
  t.true(grown < 2_000_000, `${grown} bytes for ${kept.length} short keys`);
});
