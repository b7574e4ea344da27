import fs from 'node:fs';
import test from 'ava';
import { SharedDict } from 'shmkit';
import { makeDir } from '../support/dict';

test('SharedDict: any flipped bit of the first KiB is refused with our error, or harmless', (t) => {
  const dir = makeDir(t);
  const owner = SharedDict.create('name', { size: '64kb', dir, persist: true });
  for (let index = 0; index < 50; index += 1) owner.set(`k${index}`, 'x'.repeat(index * 10));
  const { path } = owner;
  owner.close();
  const image = fs.readFileSync(path);
  const file = fs.openSync(path, 'r+');
  let refused = 0;
  for (let bit = 0; bit < 1024 * 8; bit += 1) {
    const changed = Buffer.from(image.subarray(0, 1024));
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    fs.writeSync(file, changed, 0, changed.length, 0);
    if (!useOnce(dir)) refused += 1;
    fs.writeSync(file, image, 0, image.length, 0);
  }
  fs.closeSync(file);
  t.true(refused > 100, `${refused} refused`);
});

/** Opens, uses and closes the damaged dictionary; returns false if it was refused, and throws any error but ours. */
function useOnce(dir: string): boolean {
  try {
    const dict = SharedDict.open('name', { dir, lockTimeout: 0.05 });
    try {
      dict.get('k10');
      dict.set('k10', 'new');
      dict.getKeys();
    } finally {
      dict.close();
    }
    return true;
  } catch (error) {
    if (!(error as { code?: string }).code?.startsWith('ERR_SHM_')) throw error;
    return false;
  }
}
