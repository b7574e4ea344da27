// Making a dictionary, attaching to one, and loading the package.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SharedDict } from 'shmkit';
import { median, milliseconds } from '../measure.mjs';
import { atMost } from '../rows.mjs';

const IMPORT = fileURLToPath(new URL('../programs/import.mjs', import.meta.url));

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
  const imports = Array.from({ length: quick ? 5 : 21 }, () => Number(execFileSync(process.execPath, [IMPORT])));
  return [
    atMost('create, 64 MiB', create, 50, 'ms'),
    atMost('open, 64 MiB', open * 1000, 200, 'us'),
    atMost('import of the package', median(imports), 5, 'ms'),
  ];
}
