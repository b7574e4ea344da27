import fs from 'node:fs';
import { crc32 } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { SharedDict } from 'shmkit';
import { makeDir } from '../support/dict';
import { throwsShm } from '../support/throws';

// The superblock, as docs/format.md shows it.
const MAJOR = 8;
const MINOR = 10;
const BYTE_ORDER = 12;
const WORD_SIZE = 14;
const SIZE = 16;
const BOOT_ID = 112;
const CHECKSUM = 504;

/** A dictionary that nobody has open, whose superblock was changed and sealed again. */
function makeChanged(t: ExecutionContext<unknown>, change: (superblock: Buffer) => void): { dir: string; path: string } {
  const dir = makeDir(t);
  const dict = SharedDict.create('name', { size: '64kb', dir, persist: true });
  dict.set('a', 1);
  const { path } = dict;
  dict.close();
  const image = fs.readFileSync(path);
  change(image);
  image.writeBigUInt64LE(BigInt(crc32(image.subarray(0, CHECKSUM))), CHECKSUM);
  fs.writeFileSync(path, image);
  return { dir, path };
}

test('a superblock that was sealed again without a change is good', (t) => {
  const { dir } = makeChanged(t, () => undefined);
  const dict = SharedDict.open('name', { dir });
  t.is(dict.get('a'), 1);
  dict.close();
});

for (const [what, change] of [
  ['a later major version', (block: Buffer) => block.writeUInt16LE(block.readUInt16LE(MAJOR) + 7, MAJOR)],
  ['another minor version', (block: Buffer) => block.writeUInt16LE(block.readUInt16LE(MINOR) + 7, MINOR)],
  ['the other byte order', (block: Buffer) => block.subarray(BYTE_ORDER, BYTE_ORDER + 2).swap16()],
  ['words of 32 bits', (block: Buffer) => block.writeUInt16LE(32, WORD_SIZE)],
] as const) {
  test(`${what} is refused, with what is there and what is needed`, (t) => {
    const { dir, path } = makeChanged(t, change);
    const image = fs.readFileSync(path);
    const error = throwsShm(t, () => SharedDict.open('name', { dir }), 'ERR_SHM_LAYOUT');
    t.true((error.message.match(/\d+\.\d+/g) ?? []).length >= 2, error.message);
    throwsShm(t, () => SharedDict.openOrCreate('name', { size: '64kb', dir }), 'ERR_SHM_LAYOUT');
    t.true(fs.readFileSync(path).equals(image), 'nothing was wiped');
  });
}

test('a size that is not that of the file is refused', (t) => {
  const { dir } = makeChanged(t, (block) => block.writeBigUInt64LE(2n ** 40n, SIZE));
  throwsShm(t, () => SharedDict.open('name', { dir }), ['ERR_SHM_CORRUPT', 'ERR_SHM_LAYOUT']);
});

test('a file of an earlier boot counts as absent', (t) => {
  const { dir } = makeChanged(t, (block) => block.fill(0x5a, BOOT_ID, BOOT_ID + 16));
  throwsShm(t, () => SharedDict.open('name', { dir }), 'ERR_SHM_NOT_FOUND');
  const dict = SharedDict.openOrCreate('name', { size: '64kb', dir });
  t.false(dict.has('a'));
  t.true(dict.set('b', 1));
  dict.close();
});
