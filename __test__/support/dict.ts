// Dictionaries of one test, with unique names, removed when the test ends.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import type { ExecutionContext } from 'ava';
import { SharedDict } from 'shmkit';

type Options = Parameters<typeof SharedDict.create>[1];
type OptionsObject = Extract<Options, object>;

/** A test, or anything else that runs teardowns at its end. */
export type Host = Pick<ExecutionContext<unknown>, 'teardown'>;

/** Returns a name that no other test, run or process has. */
export function uniqueName(): string {
  return `test-${process.pid}-${randomBytes(6).toString('hex')}`;
}

/** Returns a unique name; its dictionary is removed when the test ends. */
export function testName(t: Host, dir?: string): string {
  const name = uniqueName();
  t.teardown(() => SharedDict.unlink(name, dir === undefined ? {} : { dir }));
  return name;
}

/** Creates a dictionary of 1 MiB, or as the options say; closed and removed when the test ends. */
export function makeDict(t: Host, options: Partial<OptionsObject> = {}): SharedDict {
  const dict = SharedDict.create(testName(t, options.dir), { size: '1mb', ...options });
  t.teardown(() => dict.close());
  return dict;
}

/** Opens another handle on the same dictionary, closed when the test ends. */
export function openAgain(
  t: ExecutionContext<unknown>,
  dict: SharedDict,
  options: Parameters<typeof SharedDict.open>[1] = {},
): SharedDict {
  const other = SharedDict.open(dict.name, options);
  t.teardown(() => other.close());
  return other;
}

/** Creates a directory on the file system of /dev/shm, removed when the test ends. */
export function makeDir(t: Host): string {
  const dir = fs.mkdtempSync('/dev/shm/shmkit-test-');
  t.teardown(() => fs.rmSync(dir, { recursive: true, force: true }));
  return dir;
}
