// What takes the room: the largest keys, and the prefixes. One pass over all keys.
import { openToRead, using } from '../cli/dict.js';
import { Largest } from '../cli/largest.js';
import { Prefixes } from '../cli/prefixes.js';
import { mostRead } from '../cli/reads.js';
import { Refused } from './answer.js';
import { textOf } from './parameters.js';
import type { Read } from './routes.js';

const SHOWN = 20;

export const measureRoom: Read = ({ shell }, parameters, signal) => {
  const separator = parameters.get('separator') ?? ':';
  if (separator === '') throw new Refused(400, 'the separator is empty');
  return using(openToRead(shell, textOf(parameters, 'name')), async (dict) => {
    const largest = new Largest<string>(SHOWN);
    const prefixes = new Prefixes(separator);
    let entries = 0;
    for await (const key of dict.keys()) {
      if (signal.aborted) break;
      const size = dict.sizeOf(key) ?? 0;
      largest.add(key, size);
      prefixes.add(key, size);
      entries += 1;
    }
    return {
      entries,
      keys: largest.ranked().map(({ item: key, size }) => ({ key, size, type: dict.type(key) })),
      prefixes: prefixes.largest(SHOWN),
      reads: await mostRead(shell, dict.name, SHOWN),
      separator,
    };
  });
};
