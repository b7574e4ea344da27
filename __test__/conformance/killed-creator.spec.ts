import fs from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { startChild } from '../support/child';
import { makeDir } from '../support/dict';
import { seeded } from '../support/random';
import { KINDS } from './kinds';

/** Deaths of each kind's creators, each at a random moment. */
const KILLS = 8;
const LONGEST_LIFE = 25;

for (const kind of KINDS) {
  test.serial(`${kind.title}: a creator killed at any moment leaves a complete object or none`, async (t) => {
    const random = seeded(t);
    const dir = makeDir(t);
    for (let kills = 0; kills < KILLS; kills += 1) {
      const child = startChild(t, 'create-and-remove', [kind.title, dir]);
      await child.next();
      await setTimeout(random(LONGEST_LIFE));
      await child.kill();
      for (const line of kind.Class.list({ dir })) t.is(line.name, 'name');
      const object = (kind.openOrCreate ?? kind.create)('name', { dir });
      await kind.write(object);
      t.true(await kind.isWritten(object));
      object.close();
      kind.Class.unlink('name', { dir });
      // The temporary files of dead creators are removed by `prune`.
      kind.Class.prune({ dir });
      t.deepEqual(fs.readdirSync(dir), []);
    }
  });
}
