// Creating a dictionary, opening one, and loading the package.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SharedDict } from 'shmkit';
import { median, milliseconds } from '../measure.mjs';
import { atMost } from '../rows.mjs';

const PACKAGE = fileURLToPath(import.meta.resolve('shmkit'));
/** What Node itself takes for any package of this kind the first time, to prepare its loaders. */
const EMPTY = programAt('empty.cjs');

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
  return [
    atMost('create, 64 MiB', create, 50, 'ms'),
    atMost('open, 64 MiB', open * 1000, 200, 'us'),
    ...loading('import', programAt('import.mjs'), quick),
    ...loading('require', programAt('require.cjs'), quick),
  ];
}

/** Measures loading the package minus loading an empty one, in turn. */
function loading(way, program, quick) {
  const time = (module) => Number(execFileSync(process.execPath, [program, module]));
  const rounds = Array.from({ length: quick ? 5 : 21 }, () => ({ ours: time(PACKAGE), empty: time(EMPTY) }));
  return [
    { name: `${way} of an empty package`, reached: median(rounds.map(({ empty }) => empty)), unit: 'ms' },
    { name: `${way} of the package`, reached: median(rounds.map(({ ours }) => ours)), unit: 'ms' },
    atMost(`${way} of the package, over an empty one`, median(rounds.map(({ ours, empty }) => ours - empty)), 5, 'ms'),
  ];
}

function programAt(file) {
  return fileURLToPath(new URL(`../programs/${file}`, import.meta.url));
}
