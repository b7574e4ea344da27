// Files of one test, their mappings, and system errors in the form of Node's own.
import fs from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { makeDir } from './dict';

/** Returns the path of a file with this content, removed when the test ends; without content there is no file. */
export function makeFile(t: ExecutionContext<unknown>, content?: string | Uint8Array): string {
  const file = path.join(makeDir(t), 'file');
  if (content !== undefined) fs.writeFileSync(file, content);
  return file;
}

/** Returns how many mappings of the file this process has. */
export function mappingsOf(file: string): number {
  return fs.readFileSync('/proc/self/maps', 'utf8').split('\n').filter((line) => line.includes(file)).length;
}

/** Collects garbage and runs finalizers. */
export async function collectGarbage(): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc?.();
    await setImmediate();
  }
}

/** Asserts that the call throws a system error in the form of Node's own. */
export function throwsSystem(t: ExecutionContext<unknown>, call: () => unknown, code: string, syscall: string, file?: string): void {
  const error = t.throws(call) as NodeJS.ErrnoException;
  t.is(error.code, code, error.message);
  t.is(error.syscall, syscall, error.message);
  t.is(error.path, file, error.message);
  t.true((error.errno as number) < 0);
  t.true(error.message.startsWith(`${code}: `), error.message);
}
