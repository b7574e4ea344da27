// Small file systems, for fixtures that fill them up.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { fixture } from './child';
import { makeDir, type Host } from './dict';

/** Runs a fixture with the directory of a file system of this size; root only. */
export function runOnSmallDisk(t: Host, size: `${number}m`, program: string) {
  const dir = makeDir(t);
  const script = `mount -t tmpfs -o size=${size} tmpfs "$0" && exec "$@"`;
  const command = ['--mount', 'sh', '-c', script, dir, process.execPath, fixture(program), dir];
  return spawnSync('unshare', command, { encoding: 'utf8' });
}

/** Fills the file system of a directory until at most this many bytes are free, with a file of this name. */
export function fillUp(dir: string, name: string, left = 0): void {
  const fill = fs.openSync(`${dir}/${name}`, 'w');
  try {
    while (freeIn(dir) > left) fs.writeSync(fill, Buffer.alloc(4096, 1));
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOSPC') throw error;
  } finally {
    fs.closeSync(fill);
  }
}

function freeIn(dir: string): number {
  const { bavail, bsize } = fs.statfsSync(dir);
  return bavail * bsize;
}

/** The exit code if the file system cannot be made. */
const UNAVAILABLE = 75;

/**
 * Runs a fixture with the directory of a btrfs file system of 256 MiB that has a quota of this size; root only. Returns
 * undefined where there is no such file system, or no program to make it.
 */
export function runUnderQuota(t: Host, quota: `${number}m`, program: string) {
  const dir = makeDir(t);
  // Without `chattr +C` btrfs takes new memory for each page that is overwritten.
  const make = `truncate -s 256M "$0/image" && mkfs.btrfs -q "$0/image" && mkdir "$0/disk" && mount -o loop "$0/image" "$0/disk" &&
    btrfs quota enable "$0/disk" && chattr +C "$0/disk" && btrfs qgroup limit ${quota} "$0/disk"`;
  const script = `{ ${make}; } >&2 || exit ${UNAVAILABLE}; exec "$@"`;
  const command = ['--mount', 'sh', '-c', script, dir, process.execPath, fixture(program), `${dir}/disk`];
  const run = spawnSync('unshare', command, { encoding: 'utf8' });
  return run.status === UNAVAILABLE ? undefined : run;
}
