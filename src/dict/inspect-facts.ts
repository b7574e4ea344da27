// What `util.inspect` shows of a dictionary. Hits that the local cache has not passed on stay where they are.
import type { HandleId } from '../addon/native.js';
import { flags } from '../object/inspect.js';
import { dict } from './native.js';

export function dictFacts(id: HandleId): Record<string, unknown> {
  const { entries, used, size } = dict.stats(id);
  return { entries, used: `${used} of ${size} bytes`, ...flags({ evicts: dict.evicts(id) }) };
}
