// What lists and removes keys, while other processes make a dictionary grow and are killed on the way.
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { startChild } from '../support/child';
import { makeDict } from '../support/dict';
import { seeded } from '../support/random';

const ROUNDS = 8;

test('SharedDict: each key that stays is listed once while processes that grow it are killed', async (t) => {
  const random = seeded(t);
  const dict = makeDict(t, { size: '64kb', maxSize: '256mb' });
  const stays = Array.from({ length: 200 + random(400) }, (_, number) => `stays ${number}`);
  for (const key of stays) dict.set(key, 1);
  const listings = {
    getKeys: () => dict.getKeys(),
    keys: () => [...dict.keys()],
    entries: () => [...dict.entries()].map(([key]) => key),
    prefix: () => [...dict.keys({ prefix: 'stays' })],
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const child = startChild(t, 'grow-steadily', [dict.name, `added ${round}`]);
    t.is(await child.next(), 'begun');
    for (let count = 1 + random(4); count > 0; count -= 1) {
      for (const [call, list] of Object.entries(listings)) {
        const found = list();
        t.is(new Set(found).size, found.length, `${call} returns a key twice`);
        t.deepEqual(found.filter((key) => key.startsWith('stays')).toSorted(), stays.toSorted(), call);
      }
      await setTimeout(random(10));
    }
    t.is(await child.kill(), 'SIGKILL');
  }
  const child = startChild(t, 'grow-steadily', [dict.name, 'last']);
  t.is(await child.next(), 'begun');
  t.is(dict.deletePrefix('stays'), stays.length);
  await child.kill();
  t.deepEqual([...dict.keys({ prefix: 'stays' })], []);
  for (let round = 0; round < ROUNDS; round += 1) t.is(dict.get(`added ${round} 99`), 99);
  t.deepEqual(dict.verify(), { ok: true, problems: [] });
  const { grown, entries } = dict.stats();
  t.log(`${entries} entries, grown ${grown} times`);
  t.true(grown > 10, String(grown));
});
