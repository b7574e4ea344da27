// Making a dictionary, attaching to one, and loading the package.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SharedDict } from 'shmkit';
import { median, milliseconds } from '../measure.mjs';
import { atMost } from '../rows.mjs';

const IMPORT = fileURLToPath(new URL('../programs/import.mjs', import.meta.url));
/** What Node itself takes for the first package of this kind. */
const EMPTY = new URL('../programs/empty.cjs', import.meta.url).href;

export const title = 'Opening';

export async function run({ quick = false }) {
  const name = `bench-${process.pid}-opening`;
  const create = milliseconds(
    11,
    () => SharedDict.create(name, '64mb'),
    (dict) => dict.close(),
  );
  SharedDict.create(name, { size: '64mb', persist: true }).close();
  const open = milliseconds(
    201,
    () => SharedDict.open(name),
    (dict) => dict.close(),
  );
  SharedDict.unlink(name);
  const rounds = Array.from({ length: quick ? 5 : 21 }, () => ({ ours: importTime(), empty: importTime(EMPTY) }));
  return [
    atMost('create, 64 MiB', create, 50, 'ms'),
    atMost('open, 64 MiB', open * 1000, 200, 'us'),
    atMost('import of the package, over an empty one', median(rounds.map(({ ours, empty }) => ours - empty)), 5, 'ms'),
    { name: 'import of an empty package', reached: median(rounds.map(({ empty }) => empty)), unit: 'ms' },
  ];
}

function importTime(...module) {
  return Number(execFileSync(process.execPath, [IMPORT, ...module]));
}
