// Browsing and searching keys.
import { openToRead, using } from '../cli/dict.js';
import { globOf } from '../cli/glob.js';
import { textOf } from './parameters.js';
import type { Read } from './routes.js';

const MOST_KEYS = 200;

export const findKeys: Read = ({ shell }, parameters, signal) =>
  using(openToRead(shell, textOf(parameters, 'name')), async (dict) => {
    const matches = testOf(parameters.get('match') ?? '');
    const prefix = parameters.get('prefix') ?? '';
    const keys: object[] = [];
    let scanned = 0;
    let hasMore = false;
    for await (const key of dict.keys(prefix === '' ? {} : { prefix })) {
      if (signal.aborted) break;
      scanned += 1;
      if (!matches(key)) continue;
      hasMore = keys.length === MOST_KEYS;
      if (hasMore) break;
      const [type, size, ttl] = [dict.type(key), dict.sizeOf(key), dict.ttl(key)];
      // A key that is gone by now has none of them.
      if (type !== undefined && ttl !== undefined) keys.push({ key, type, size, ttl });
    }
    return { keys, scanned, hasMore };
  });

/** Text is found anywhere in a key; with `*` or `?`, the key as a whole has to match. */
function testOf(pattern: string): (key: string) => boolean {
  return /[*?]/.test(pattern) ? globOf(pattern) : (key) => key.includes(pattern);
}
