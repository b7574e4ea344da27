// What Linux says of memory, limits and containers.
import fs from 'node:fs';
import os from 'node:os';
import { bytesText } from '../format.js';
import { type Finding, note, ok, problem } from './finding.js';

/** Waiting for several things at once uses futex_waitv where there is one. */
const WITH_WAITV = [5, 16] as const;
/** Docker gives a container this much shared memory by default. */
const SMALL = 64 * 1024 ** 2;
const FEW_FILES = 1024;
const FEW_MAPS = 65_530;

export function aboutLinux(): Finding[] {
  return [aboutKernel(), aboutMount(), ...aboutLimits(), ...aboutContainer()];
}

function aboutKernel(): Finding {
  const release = os.release();
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  if (major > WITH_WAITV[0] || (major === WITH_WAITV[0] && minor >= WITH_WAITV[1])) return ok('kernel', `Linux ${release}, with futex_waitv`);
  return note('kernel', `Linux ${release}, without futex_waitv`, `everything works; waits for many objects at once cost less on Linux ${WITH_WAITV.join('.')} and newer`);
}

function aboutMount(): Finding {
  const mount = read('/proc/mounts')?.split('\n').map((line) => line.split(' ')).findLast(([, place]) => place === '/dev/shm');
  return mount?.[2] === 'tmpfs' || mount === undefined ? ok('/dev/shm', mount ? `tmpfs (${mount[3] ?? ''})` : 'not listed in /proc/mounts') : problem('/dev/shm', `its file system is ${mount[2]}, not tmpfs`, 'mount a tmpfs there, or use --dir with a directory on one');
}

function aboutLimits(): Finding[] {
  const limits = read('/proc/self/limits') ?? '';
  const soft = (title: string) => new RegExp(`^${title}\\s+(\\S+)`, 'm').exec(limits)?.[1] ?? 'unlimited';
  const files = soft('Max open files');
  const space = soft('Max address space');
  const size = soft('Max file size');
  const maps = Number(read('/proc/sys/vm/max_map_count') ?? FEW_MAPS);
  return [
    Number(files) < FEW_FILES ? note('limits', `${files} open files`, 'each open object takes one or two: raise the limit with ulimit -n') : ok('limits', `${files} open files, ${maps} memory maps`),
    ...(space === 'unlimited' ? [] : [note('limits', `the address space is limited to ${bytesText(Number(space))}`, 'objects are mapped as a whole: raise the limit with ulimit -v')]),
    ...(size === 'unlimited' ? [] : [note('limits', `files are limited to ${bytesText(Number(size))}`, 'larger objects cannot be created: raise the limit with ulimit -f')]),
  ];
}

function aboutContainer(): Finding[] {
  const sign = ['/.dockerenv', '/run/.containerenv'].find((file) => fs.existsSync(file));
  const isContainer = sign !== undefined || process.env['KUBERNETES_SERVICE_HOST'] !== undefined || process.env['container'] !== undefined;
  const limit = read('/sys/fs/cgroup/memory.max')?.trim();
  const memory = limit !== undefined && /^\d+$/.test(limit) ? [note('memory', `the control group may use ${bytesText(Number(limit))}`, 'shared memory counts towards it: leave room when choosing sizes')] : [];
  if (!isContainer) return memory;
  return [ok('container', 'this is a container: only processes with the same /dev/shm and the same process ids share objects'), ...memory];
}

/** Returns findings about the space for shared memory at a place. */
export function aboutSpace(place: string): Finding[] {
  const { bsize, blocks, bavail } = fs.statfsSync(place);
  const [total, free] = [bsize * blocks, bsize * bavail];
  const text = `${bytesText(total)}, ${bytesText(free)} of it free`;
  if (free < total / 20) return [problem('space', text, 'shmkit prune and shmkit rm free memory; or make the file system larger: mount -o remount,size=2G /dev/shm')];
  if (total <= SMALL) return [note('space', text, 'start the container with --shm-size=1g, or in Kubernetes mount an emptyDir with medium: Memory at /dev/shm')];
  return [ok('space', text)];
}

function read(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
