// A control group that limits the memory of its processes. Only root can create one, and only if the file system of the
// groups is mounted writable.
import fs from 'node:fs';
import path from 'node:path';
import type { Host } from './child';
import { until } from './clock';

/** The directory of each version of the interface, its file for the limit, and that for what is in use. */
const VERSIONS = [
  ['/sys/fs/cgroup/memory', 'memory.limit_in_bytes', 'memory.usage_in_bytes'],
  ['/sys/fs/cgroup', 'memory.max', 'memory.current'],
] as const;

export interface MemoryGroup {
  /** The file to which a process writes its pid to enter. Its present memory still counts for its former group. */
  readonly entrance: string;
  setLimit(bytes: number): void;
  used(): number;
}

/** Creates a group that is removed at the end of the test, when its processes have exited; undefined if this user cannot. */
export function createMemoryGroup(t: Host, limit: number): MemoryGroup | undefined {
  for (const [place, limitFile, usedFile] of VERSIONS) {
    const directory = path.join(place, `shmkit-test-${process.pid}`);
    const setLimit = (bytes: number): void => fs.writeFileSync(path.join(directory, limitFile), String(bytes));
    try {
      fs.mkdirSync(directory);
    } catch {
      continue;
    }
    // A process leaves its group a moment after it was waited for.
    const remove = (): Promise<void> => until(() => removes(directory));
    if (!fs.existsSync(path.join(directory, limitFile))) {
      removes(directory);
      continue;
    }
    setLimit(limit);
    t.teardown(remove);
    const used = (): number => Number(fs.readFileSync(path.join(directory, usedFile), 'utf8'));
    return { entrance: path.join(directory, 'cgroup.procs'), setLimit, used };
  }
  return undefined;
}

function removes(directory: string): boolean {
  try {
    fs.rmdirSync(directory);
    return true;
  } catch {
    return !fs.existsSync(directory);
  }
}
