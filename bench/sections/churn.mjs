// A table at 90 % of its capacity whose entries have all been replaced a hundred times, relative to a fresh one.
import { inTurn, keep } from '../measure.mjs';
import { atMost } from '../rows.mjs';
import { keyOf, keysOf, newDict, valueOf } from '../table.mjs';

const OPTIONS = { size: '4mb' };

export const title = 'After every entry was replaced a hundred times, at 90 % of what fits';

export async function run(options) {
  const value = valueOf('churn');
  const count = Math.floor(capacity(value) * 0.9);
  const old = newDict(OPTIONS);
  let live = keysOf(count, 0);
  for (const key of live) old.set(key, value);
  const generations = options.quick ? 10 : 100;
  for (let generation = 1; generation <= generations; generation += 1) {
    const next = keysOf(count, generation);
    for (let index = 0; index < count; index += 1) {
      old.delete(live[index]);
      old.set(next[index], value);
    }
    live = next;
  }
  const fresh = newDict(OPTIONS);
  for (const key of live) fresh.set(key, value);
  const absent = keysOf(count, generations + 1);
  const figures = await inTurn(
    count,
    {
      'hit, fresh table': () => {
        for (const key of live) keep(fresh.get(key));
      },
      'hit, churned table': () => {
        for (const key of live) keep(old.get(key));
      },
      'miss, fresh table': () => {
        for (const key of absent) keep(fresh.get(key));
      },
      'miss, churned table': () => {
        for (const key of absent) keep(old.get(key));
      },
    },
    options,
  );
  return [
    ...figures.rows(),
    atMost('hits after churn', figures.ratio('hit, churned table', 'hit, fresh table'), 1.5, 'x fresh'),
    atMost('misses after churn', figures.ratio('miss, churned table', 'miss, fresh table'), 1.5, 'x fresh'),
  ];
}

function capacity(value) {
  const dict = newDict(OPTIONS);
  let count = 0;
  try {
    for (;;) {
      dict.set(keyOf(count, 99_999), value);
      count += 1;
    }
  } catch (error) {
    if (error.code !== 'ERR_SHM_FULL') throw error;
    return count;
  } finally {
    dict.close();
  }
}
