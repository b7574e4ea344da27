// Programs in other languages. Without their compilers these tests fail, and the errors say what is missing.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import test from 'ava';
import { SharedSegment } from 'shmkit';
import { makeDir } from '../support/dict';

const ROOT = path.join(__dirname, '..', '..', '..');

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

test('SharedSegment: a C program maps the data at the documented offset', (t) => {
  const program = path.join(makeDir(t), 'segment');
  run('cc', '-Wall', '-Wextra', '-Werror', '-O2', '-o', program, path.join('examples', 'interop', 'segment.c'));
  using segment = SharedSegment.from('hello from Node', 100);
  const view = segment.view();
  t.is(run(program, segment.path), '15 of 100 bytes: hello from Node');
  t.is(segment.read().toString(), 'HELLO FROM NODE!');
  t.is(view[0], 'H'.charCodeAt(0));
  segment.setCapacity(1_000_000);
  segment.write('and again', 999_990);
  t.true(run(program, segment.path).startsWith('999999 of 1000000 bytes: HELLO FROM NODE!'));
  t.is(segment.read(999_990).toString(), 'AND AGAIN!');
  t.throws(() => run(program, '/dev/null'), { message: /no segment|mmap/ });
});

test('SharedSegment: a Rust program uses a segment with the engine as a crate', (t) => {
  using segment = SharedSegment.from('hello from Node');
  const program = ['run', '--profile', 'test', '--quiet', '--locked', '-p', 'shmkit-primitives', '--example', 'segment', '--'];
  t.is(run('cargo', ...program, segment.name, ', and Rust', '6'), '15 of 15 bytes: hello from Node');
  t.is(segment.read().toString(), 'FROM NODE, and Rust');
  t.is(segment.capacity, 19);
});
