// A runtime that forbids external buffers, as Electron does.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { makeDir } from './dict';

const SOURCE = path.join(__dirname, '..', '..', '..', '__test__', 'fixtures', 'no-external-buffers.c');

/** Builds a library for LD_AUDIT. Throws if there is no C compiler: without it the test would prove nothing. */
export function noExternalBuffers(t: ExecutionContext<unknown>): string {
  const library = path.join(makeDir(t), 'no-external-buffers.so');
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, SOURCE]);
  return library;
}
