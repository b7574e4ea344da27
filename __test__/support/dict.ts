// Dictionaries of one test: names nobody else uses, removed when the test ends.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import type { ExecutionContext } from 'ava';
import { SharedDict } from 'shmkit';

type Options = Parameters<typeof SharedDict.create>[1];
type OptionsObject = Extract<Options, object>;

/** Who is to be told what to do in the end: a test, or a program like one. */
export type Host = Pick<ExecutionContext<unknown>, 'teardown'>;

/** A name no other test, run or process has. */
export function uniqueName(): string {
  return `test-${process.pid}-${randomBytes(6).toString('hex')}`;
}

/** A unique name that is removed when the test ends, whatever was made under it. */
export function testName(t: Host, dir?: string): string {
  const name = uniqueName();
  t.teardown(() => SharedDict.unlink(name, dir === undefined ? {} : { dir }));
  return name;
}

/** A dictionary of 1 MiB, or as the options say, closed and removed when the test ends. */
export function makeDict(t: Host, options: Partial<OptionsObject> = {}): SharedDict {
  const dict = SharedDict.create(testName(t, options.dir), { size: '1mb', ...options });
  t.teardown(() => dict.close());
  return dict;
}

/** Another handle on the same dictionary, closed when the test ends. */
export function openAgain(
  t: ExecutionContext<unknown>,
  dict: SharedDict,
  options: Parameters<typeof SharedDict.open>[1] = {},
): SharedDict {
  const other = SharedDict.open(dict.name, options);
  t.teardown(() => other.close());
  return other;
}

/** A new directory on the file system of /dev/shm, removed when the test ends. */
export function makeDir(t: Host): string {
  const dir = fs.mkdtempSync('/dev/shm/shmkit-test-');
  t.teardown(() => fs.rmSync(dir, { recursive: true, force: true }));
  return dir;
}
