// The table of structures that records share.
import test from 'ava';
import { costOf } from '../support/cost';
import { makeDict } from '../support/dict';

test('objects whose keys are data cost no more once the table of structures is full', async (t) => {
  const dict = makeDict(t, { size: '64mb' });
  let count = 0;
  const objectOf = (keys: number): object => Object.fromEntries(Array.from({ length: keys }, () => [`user ${(count += 1)}`, 1]));
  const costOfNew = () => {
    const objects = Array.from({ length: 1000 }, () => objectOf(20));
    return costOf(() => objects.forEach((object) => dict.set('new', object)));
  };
  await costOfNew();
  const before = await costOfNew();
  // An object that is stored twice has its structure shared, for as long as there is room.
  for (let round = 0; round < 400; round += 1) {
    const object = objectOf(64);
    dict.set('twice', object);
    dict.set('twice', object);
  }
  const after = await costOfNew();
  t.log(`${before} us for a thousand before, ${after} us after`);
  t.true(after < 6 * before, `${before} us before, ${after} us after`);
});
