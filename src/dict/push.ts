// Pushing items to lists.
import { outOfRange } from '../addon/errors.js';
import { unshared } from '../arguments/bytes.js';
import type { ListItem } from '../types.js';
import type { DictHandle } from './handle.js';
import { dict } from './native.js';
import { itemKindOf } from './values.js';

/** Items of one call: as many as the arguments of a function can be everywhere. */
const MOST_ITEMS = 65_535;

/** Adds items at an end, one after the other, and returns the new length. */
export function push(handle: DictHandle, key: string, items: readonly ListItem[], right: boolean): number {
  if (items.length <= 1) {
    const item = items[0] as ListItem;
    const kind = itemKindOf(item);
    return dict.push(handle.id, key, dataOfItem(item), kind, right);
  }
  if (items.length > MOST_ITEMS) throw outOfRange('items.length', `at most ${MOST_ITEMS}`, items.length);
  for (const item of items) itemKindOf(item);
  return dict.pushAll(handle.id, key, items.map(dataOfItem), right);
}

function dataOfItem(item: ListItem): ListItem {
  return typeof item === 'object' ? unshared(item) : item;
}
