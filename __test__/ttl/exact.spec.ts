import test from 'ava';
import { now } from '../support/clock';
import { makeDict, openAgain } from '../support/dict';

// The deadline is the start of the write plus the TTL at the earliest, and its end plus the TTL at the latest. A read that
// ends before the earliest must find the value; one that begins after the latest must not.
const RESOLUTION = 0.001;

for (const localCache of [true, false]) {
  for (const ttl of [0.005, 0.05, 0.25]) {
    test(`TTL: ${ttl} s end to the millisecond, localCache: ${localCache}`, (t) => {
      const dict = makeDict(t, { localCache });
      const other = openAgain(t, dict, { localCache });
      const before = now();
      dict.set('a', 1, ttl);
      const after = now();
      for (const reader of [dict, other]) {
        let found = true;
        let reads = 0;
        while (found) {
          const start = now();
          found = reader.get('a') !== undefined;
          const end = now();
          reads += 1;
          if (found && start > after + ttl + RESOLUTION) t.fail(`still there ${(start - after - ttl) * 1e3} ms too late`);
          if (!found && end < before + ttl - RESOLUTION) t.fail(`gone ${(before + ttl - end) * 1e3} ms too early`);
        }
        t.true(reads > 0);
      }
    });
  }
}

test('ttl counts down with the clock', (t) => {
  const dict = makeDict(t);
  const before = now();
  dict.set('a', 1, 100);
  const after = now();
  for (let read = 0; read < 1000; read += 1) {
    const start = now();
    const left = dict.ttl('a') as number;
    const end = now();
    if (left > after + 100 - start + RESOLUTION || left < before + 100 - end - RESOLUTION) t.fail(String(left));
  }
  t.pass();
});

test('TTL: a value that is set again in time is never missing', (t) => {
  const dict = makeDict(t);
  dict.set('a', 0, 0.05);
  const end = now() + 0.4;
  for (let round = 1; now() < end; round += 1) {
    const start = now();
    dict.set('a', round, 0.05);
    // On a busy machine, this process may not run for longer than the TTL.
    if (dict.get('a') !== round && now() - start < 0.05 - RESOLUTION) t.fail(`missing in round ${round}`);
  }
  t.pass();
});
