// Tests that this machine or this user may not be able to run.
import test, { type ExecutionContext } from 'ava';

type Test = ExecutionContext<unknown>;

const IS_ROOT = process.getuid?.() === 0;

/** Reports that a test cannot run here, for this reason: the gate counts it, and repeats the reason. */
export function notRun(t: Test, reason: string): void {
  t.log(`NOT RUN: ${reason}`);
  t.pass();
}

/** Declares a test that only root can run, for example with several users or namespaces. */
export function testAsRoot(title: string, body: (t: Test) => void | Promise<void>): void {
  test.serial(title, IS_ROOT ? body : (t) => notRun(t, 'needs root'));
}

/** Declares a test that only Linux can run. */
export function testOnLinux(title: string, body: (t: Test) => void | Promise<void>): void {
  test(title, process.platform === 'linux' ? body : (t) => notRun(t, 'needs Linux'));
}
