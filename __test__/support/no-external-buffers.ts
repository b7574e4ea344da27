// A runtime that forbids buffers over memory of others, as Electron does.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { makeDir } from './dict';

const SOURCE = path.join(__dirname, '..', '..', '..', '__test__', 'fixtures', 'no-external-buffers.c');

/** A library for LD_AUDIT. Without a C compiler this throws: a test that needs it cannot tell anything, and must not pass. */
export function noExternalBuffers(t: ExecutionContext<unknown>): string {
  const library = path.join(makeDir(t), 'no-external-buffers.so');
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, SOURCE]);
  return library;
}
