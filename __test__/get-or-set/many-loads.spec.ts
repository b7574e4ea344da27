import test from 'ava';
import { startChild } from '../support/child';
import { makeDict } from '../support/dict';

/** A loader that never settles. */
const forever = () => new Promise<never>(() => undefined);

for (const [size, pages] of [
  ['512kb', 16],
  ['4mb', 300],
  ['64mb', 2000],
] as const) {
  test(`getOrSet: ${pages} loaders that each load another key all complete in ${size}`, async (t) => {
    const dict = makeDict(t, { size });
    const loadPage = (page: number) =>
      dict.getOrSet(`page${page}`, () => dict.getOrSet(`part${page}`, async () => page, { timeout: 30 }), { timeout: 30 });
    const numbers = Array.from({ length: pages }, (_, page) => page);
    t.deepEqual(await Promise.all(numbers.map(loadPage)), numbers);
    // A value that was not stored because its lease was taken is loaded once more.
    t.deepEqual(await Promise.all(numbers.map(loadPage)), numbers);
  });
}

test('getOrSet: loaders that never settle do not keep other keys from being loaded and stored', async (t) => {
  const dict = makeDict(t, { size: '64kb' });
  for (let number = 0; number < 100; number += 1) void dict.getOrSet(`never${number}`, forever).catch(() => undefined);
  for (let number = 0; number < 50; number += 1) {
    t.is(await dict.getOrSet(`k${number}`, () => number, { timeout: 30 }), number);
    t.is(dict.get(`k${number}`), number, 'it was stored');
  }
});

test('getOrSet: slow loaders do not delay unrelated keys of other processes', async (t) => {
  const dict = makeDict(t, { size: '64kb' });
  for (let number = 0; number < 100; number += 1) void dict.getOrSet(`slow${number}`, forever).catch(() => undefined);
  const child = startChild(t, 'get-or-set', [dict.name]);
  await child.next();
  const { value } = (await child.ask({ key: 'unrelated', delay: 1 })) as { value: unknown };
  t.is(dict.get('unrelated'), value);
});
