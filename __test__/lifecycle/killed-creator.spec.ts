import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { SharedDict } from 'shmkit';
import { startChild } from '../support/child';
import { makeDir } from '../support/dict';
import { seeded } from '../support/random';

test('a creator killed at any moment leaves a complete dictionary or none', async (t) => {
  const random = seeded(t);
  const dir = makeDir(t);
  for (let round = 0; round < 20; round += 1) {
    const child = startChild(t, 'create-and-remove', ['name', dir]);
    await child.next();
    await setTimeout(random(25));
    await child.kill('SIGKILL');
    for (const line of SharedDict.list({ dir })) t.is(line.name, 'name');
    const dict = SharedDict.openOrCreate('name', { size: '256kb', dir });
    t.true(dict.set('after', round));
    t.deepEqual(dict.verify(), { ok: true, problems: [] });
    dict.close();
    t.true(SharedDict.unlink('name', { dir }));
  }
  t.deepEqual(SharedDict.list({ dir }), []);
});
