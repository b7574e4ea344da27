// The guide says of every member of a dictionary how it differs on a server.
import fs from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { SharedDict } from 'shmkit';
import { RemoteDict, TieredDict } from 'shmkit/valkey';

const GUIDE = fs.readFileSync(path.join(__dirname, '..', '..', '..', 'docs/guide/valkey.md'), 'utf8');
/** Other spellings of members that have a row. */
const ALIASES = new Set(['flush_all', 'get_keys']);

function membersOf(type: { prototype: object }): string[] {
  const names: string[] = [];
  for (let at: object = type.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) names.push(...Object.getOwnPropertyNames(at));
  return [...new Set(names)].filter((name) => name !== 'constructor' && !ALIASES.has(name));
}

test('shmkit/valkey: the table of differences names every member of a SharedDict', (t) => {
  const table = GUIDE.slice(GUIDE.indexOf('| call | on a server |'), GUIDE.indexOf('## Keys on the server'));
  const named = new Set(Array.from(table.matchAll(/`(\w+)`/g), ([, name]) => name));
  t.deepEqual(membersOf(SharedDict).filter((name) => !named.has(name)), []);
  const missing = membersOf(SharedDict).filter((name) => !membersOf(RemoteDict).includes(name));
  t.deepEqual(missing.toSorted(), ['flushAll', 'flushExpired', 'forEach', 'getFrozen', 'linked', 'name', 'owner', 'path', 'readOnly', 'size', 'values', 'verify', 'waitFor']);
});

test('shmkit/valkey: a TieredDict has every call of a RemoteDict', (t) => {
  t.deepEqual(membersOf(RemoteDict).filter((name) => !membersOf(TieredDict).includes(name)), ['prefix']);
});
