// A hundred keys in one call, relative to a hundred calls.
import { inTurn, keep } from '../measure.mjs';
import { atMost } from '../rows.mjs';
import { filled, keysOf, valueOf } from '../table.mjs';

const KEYS = keysOf(10_000);
const BATCHES = Array.from({ length: 100 }, (_, batch) => KEYS.slice(100 * batch, 100 * batch + 100));
const PAIRS = BATCHES.map((batch) => batch.map((key) => [key, valueOf(key)]));

export const title = 'Calls for 100 keys, a key; 10,000 keys in 4 MiB';

export async function run(options) {
  const { dict } = filled(KEYS, valueOf, { size: '4mb' });
  const figures = await inTurn(
    KEYS.length,
    {
      'get, 100 calls into a Map': () => {
        for (const batch of BATCHES) {
          const found = new Map();
          for (const key of batch) found.set(key, dict.get(key));
          keep(found);
        }
      },
      'getMany of 100': () => {
        for (const batch of BATCHES) keep(dict.getMany(batch));
      },
      'set, 100 calls': () => {
        for (const batch of PAIRS) {
          for (const [key, value] of batch) keep(dict.set(key, value));
        }
      },
      'setMany of 100': () => {
        for (const batch of PAIRS) keep(dict.setMany(batch));
      },
    },
    options,
  );
  return [
    ...figures.rows(),
    atMost('getMany of 100, ratio', figures.ratio('getMany of 100', 'get, 100 calls into a Map'), 0.6, 'x calls'),
    atMost('setMany of 100, ratio', figures.ratio('setMany of 100', 'set, 100 calls'), 0.6, 'x calls'),
  ];
}
