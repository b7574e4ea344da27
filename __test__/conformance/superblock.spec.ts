// The superblock, which is the same for every kind: docs/format.md shows it.
import fs from 'node:fs';
import { crc32 } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { makeDir } from '../support/dict';
import { throwsShm } from '../support/throws';
import { KINDS } from './kinds';
import { codeOf, type Kind } from './kinds/kind';
import { closing, NAME } from './subject';

const MAJOR = 8;
const MINOR = 10;
const BYTE_ORDER = 12;
const WORD_SIZE = 14;
const SIZE = 16;
const BOOT_ID = 112;
const CHECKSUM = 504;
const SEALED = CHECKSUM + 8;

/** An object that no process has open, after a write, and its file with the superblock as `change` leaves it. */
async function makeChanged(t: ExecutionContext<unknown>, kind: Kind, change: (superblock: Buffer) => void): Promise<{ dir: string; file: string }> {
  const dir = makeDir(t);
  const object = kind.create(NAME, { dir, persist: true });
  await kind.write(object);
  object.close();
  const image = fs.readFileSync(object.path);
  change(image);
  image.writeBigUInt64LE(BigInt(crc32(image.subarray(0, CHECKSUM))), CHECKSUM);
  fs.writeFileSync(object.path, image);
  return { dir, file: object.path };
}

const OTHER_LAYOUTS: Record<string, (superblock: Buffer) => unknown> = {
  'a later major version': (block) => block.writeUInt16LE(block.readUInt16LE(MAJOR) + 7, MAJOR),
  'another minor version': (block) => block.writeUInt16LE(block.readUInt16LE(MINOR) + 7, MINOR),
  'the other byte order': (block) => block.subarray(BYTE_ORDER, BYTE_ORDER + 2).swap16(),
  'words of 32 bits': (block) => block.writeUInt16LE(32, WORD_SIZE),
};

function ofEarlierBoot(superblock: Buffer): void {
  superblock.fill(0x5a, BOOT_ID, BOOT_ID + 16);
}

for (const kind of KINDS) {
  const { openOrCreate } = kind;

  test(`${kind.title}: open accepts a superblock that was sealed again without a change`, async (t) => {
    const { dir } = await makeChanged(t, kind, () => undefined);
    t.true(await kind.isWritten(closing(t, kind.open(NAME, { dir }))));
  });

  for (const [what, change] of Object.entries(OTHER_LAYOUTS)) {
    test(`${kind.title}: open throws ERR_SHM_LAYOUT with both versions when the file has ${what}`, async (t) => {
      const { dir, file } = await makeChanged(t, kind, change);
      const image = fs.readFileSync(file);
      const error = throwsShm(t, () => kind.open(NAME, { dir }), 'ERR_SHM_LAYOUT');
      t.true((error.message.match(/\d+\.\d+/g) ?? []).length >= 2, error.message);
      if (openOrCreate) throwsShm(t, () => openOrCreate(NAME, { dir }), 'ERR_SHM_LAYOUT');
      t.true(fs.readFileSync(file).equals(image), 'nothing was wiped');
    });
  }

  test(`${kind.title}: open throws ERR_SHM_CORRUPT when the superblock states another file size`, async (t) => {
    const { dir } = await makeChanged(t, kind, (block) => block.writeBigUInt64LE(2n ** 40n, SIZE));
    throwsShm(t, () => kind.open(NAME, { dir }), ['ERR_SHM_CORRUPT', 'ERR_SHM_LAYOUT']);
  });

  test(`${kind.title}: an object of an earlier boot counts as absent`, async (t) => {
    for (const call of [kind.create, openOrCreate]) {
      if (!call) continue;
      const { dir } = await makeChanged(t, kind, ofEarlierBoot);
      throwsShm(t, () => kind.open(NAME, { dir }), 'ERR_SHM_NOT_FOUND');
      t.false(await kind.isWritten(closing(t, call(NAME, { dir }))));
    }
    const { dir } = await makeChanged(t, kind, ofEarlierBoot);
    t.deepEqual(kind.Class.prune({ dir }), [NAME]);
  });

  test(`${kind.title}: any flipped bit of the superblock is refused or harmless`, async (t) => {
    const { dir, file } = await makeChanged(t, kind, () => undefined);
    const image = fs.readFileSync(file).subarray(0, SEALED);
    const descriptor = fs.openSync(file, 'r+');
    t.teardown(() => fs.closeSync(descriptor));
    let refused = 0;
    for (let bit = 0; bit < SEALED * 8; bit += 1) {
      const changed = Buffer.from(image);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      fs.writeSync(descriptor, changed, 0, changed.length, 0);
      const code = await codeOf(async () => {
        using object = kind.open(NAME, { dir });
        await kind.isWritten(object);
      });
      if (code !== undefined) refused += 1;
      if (code !== undefined && !code.startsWith('ERR_SHM_')) t.fail(`bit ${bit}: ${code}`);
      fs.writeSync(descriptor, image, 0, image.length, 0);
    }
    t.true(refused > CHECKSUM * 8 * 0.9, `${refused} of ${SEALED * 8} refused`);
  });
}
