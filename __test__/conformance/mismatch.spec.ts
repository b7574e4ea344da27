// What `openOrCreate` does with an object that was made with other options, or has another layout: option `onMismatch`.
import fs from 'node:fs';
import { crc32 } from 'node:zlib';
import test from 'ava';
import { startChild } from '../support/child';
import { makeDir } from '../support/dict';
import { throwsArgValue, throwsShm } from '../support/throws';
import { KINDS } from './kinds';
import { closing, NAME, open, startProcess } from './subject';

const VERSION = 8;
const CREATED = 144;
const CHECKSUM = 504;
/** Longer than an object that processes have open is safe from being replaced. */
const LONG_AGO = 11_000_000_000n;

/** Changes the superblock of a file in place. */
function changeSuperblock(file: string, change: (superblock: Buffer) => void): void {
  const superblock = fs.readFileSync(file).subarray(0, CHECKSUM + 8);
  change(superblock);
  superblock.writeBigUInt64LE(BigInt(crc32(superblock.subarray(0, CHECKSUM))), CHECKSUM);
  const descriptor = fs.openSync(file, 'r+');
  fs.writeSync(descriptor, superblock, 0, superblock.length, 0);
  fs.closeSync(descriptor);
}

/** Makes an object look as if it had been made long ago. */
function makeOld(file: string): void {
  changeSuperblock(file, (block) => block.writeBigUInt64LE(block.readBigUInt64LE(CREATED) - LONG_AGO, CREATED));
}

/** An option that all kinds have. */
const [MADE, ASKED] = [{ persist: false }, { persist: true }];

for (const kind of KINDS) {
  const { openOrCreate } = kind;
  if (!openOrCreate) continue;

  test(`${kind.title}: onMismatch is checked, and is no option of create`, (t) => {
    const dir = makeDir(t);
    throwsArgValue(t, () => openOrCreate(NAME, { dir, onMismatch: 'retry' }));
    throwsArgValue(t, () => openOrCreate(NAME, { dir, replace: true }));
    throwsArgValue(t, () => kind.create(NAME, { dir, onMismatch: 'open' }));
    t.deepEqual(fs.readdirSync(dir), []);
  });

  test(`${kind.title}: onMismatch 'open' opens what has other options as it is, 'error' does not`, async (t) => {
    const dir = makeDir(t);
    const first = closing(t, openOrCreate(NAME, { dir, ...MADE, onMismatch: 'replace' }));
    await kind.write(first);
    throwsShm(t, () => openOrCreate(NAME, { dir, ...MADE, ...ASKED, onMismatch: 'error' }), 'ERR_SHM_OPTIONS_MISMATCH');
    t.true(await kind.isWritten(closing(t, openOrCreate(NAME, { dir, ...MADE, ...ASKED, onMismatch: 'open' }))));
    t.true(await kind.isWritten(closing(t, openOrCreate(NAME, { dir, ...MADE, onMismatch: 'replace' }))));
  });

  test(`${kind.title}: onMismatch 'replace' replaces an object that no process has open`, async (t) => {
    const dir = makeDir(t);
    const first = openOrCreate(NAME, { dir, ...MADE });
    await kind.write(first);
    first.close();
    const second = closing(t, openOrCreate(NAME, { dir, ...MADE, ...ASKED, onMismatch: 'replace' }));
    t.false(second.owner);
    t.false(await kind.isWritten(second));
    throwsShm(t, () => openOrCreate(NAME, { dir, ...MADE }), 'ERR_SHM_OPTIONS_MISMATCH');
  });

  test.serial(`${kind.title}: onMismatch 'replace' retires what a process has open once in ten seconds`, async (t) => {
    const dir = makeDir(t);
    const child = await startProcess(t, kind, 'openOrCreate', { dir, ...MADE });
    const roll = () => openOrCreate(NAME, { dir, ...MADE, ...ASKED, onMismatch: 'replace' });
    const { message } = throwsShm(t, roll, 'ERR_SHM_OPTIONS_MISMATCH');
    t.regex(message, /processes have it open.* 10 s/);
    const opened = open(t, kind, dir);
    t.true(await kind.isWritten(opened));
    opened.close();
    makeOld(`${dir}/${kind.prefix}${NAME}`);
    t.false(await kind.isWritten(closing(t, roll())));
    const codes = Object.values(await child.ask<Record<string, string | null>>('codes'));
    t.true(codes.includes('ERR_SHM_RETIRED'));
    throwsShm(t, () => openOrCreate(NAME, { dir, ...MADE, onMismatch: 'replace' }), 'ERR_SHM_OPTIONS_MISMATCH');
  });

  test(`${kind.title}: onMismatch 'replace' replaces an object of another layout, 'open' does not`, async (t) => {
    const dir = makeDir(t);
    const first = openOrCreate(NAME, { dir });
    await kind.write(first);
    first.close();
    const { path } = first;
    changeSuperblock(path, (block) => block.writeUInt16LE(block.readUInt16LE(VERSION) + 7, VERSION));
    throwsShm(t, () => openOrCreate(NAME, { dir, onMismatch: 'open' }), 'ERR_SHM_LAYOUT');
    makeOld(path);
    t.false(await kind.isWritten(closing(t, openOrCreate(NAME, { dir, onMismatch: 'replace' }))));
  });

  test(`${kind.title}: onMismatch 'replace' leaves a file that is none of the kind`, (t) => {
    const dir = makeDir(t);
    fs.writeFileSync(`${dir}/${kind.prefix}${NAME}`, Buffer.alloc(65_536, 1), { mode: 0o600 });
    throwsShm(t, () => openOrCreate(NAME, { dir, onMismatch: 'replace' }), 'ERR_SHM_LAYOUT');
  });
}

for (const isOpen of [true, false]) {
  const state = isOpen ? 'that others have open' : 'that was left behind a moment ago';
  test.serial(`openOrCreate: workers that roll at once with a new size over a dictionary ${state} end in one`, async (t) => {
    const dir = makeDir(t);
    const old = startChild(t, 'race-create', [NAME, dir]);
    await old.next();
    t.like(await old.ask('openOrCreate'), { won: true });
    if (isOpen) makeOld(`${dir}/shmkit.dict.${NAME}`);
    else await old.kill();
    const workers = [1, 2, 3, 4].map(() => startChild(t, 'race-create', [NAME, dir]));
    await Promise.all(workers.map((worker) => worker.next()));
    const outcomes = await Promise.all(workers.map((worker) => worker.ask<{ won: boolean; inode: number; made: number }>('roll')));
    t.is(new Set(outcomes.map(({ inode }) => inode)).size, 1, JSON.stringify(outcomes));
    t.deepEqual(outcomes.map(({ made }) => made).toSorted(), [1, 2, 3, 4]);
    if (isOpen) t.like(await old.ask('use'), { won: false, code: 'ERR_SHM_RETIRED' });
  });
}
