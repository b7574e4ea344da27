// The objects that one test of the suite works on, here and in other processes and threads.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ExecutionContext } from 'ava';
import type { NamedObject } from 'shmkit';
import { type Child, fixture, startChild } from '../support/child';
import { makeDir } from '../support/dict';
import type { Kind, Options } from './kinds/kind';

type Test = ExecutionContext<unknown>;

/** The name of every object of the suite: each test has a folder of its own. */
export const NAME = 'name';

/** Returns an object in a new folder, closed when the test ends. */
export function create(t: Test, kind: Kind, options: Options = {}): { object: NamedObject; dir: string } {
  const dir = options.dir ?? makeDir(t);
  return { object: closing(t, kind.create(NAME, { dir, ...options })), dir };
}

/** Returns another handle on an object, closed when the test ends. */
export function open(t: Test, kind: Kind, dir: string, options: Options = {}): NamedObject {
  return closing(t, kind.open(NAME, { dir, ...options }));
}

/** Closes an object when the test ends. */
export function closing<Subject extends NamedObject>(t: Test, object: Subject): Subject {
  t.teardown(() => object.close());
  return object;
}

/** How another process or thread comes to the object. */
export type Call = 'create' | 'open' | 'openOrCreate';

function argumentsOf(kind: Kind, call: Call, options: Options): string[] {
  return [kind.title, call, NAME, JSON.stringify(options)];
}

/** Starts a process that has the object open once this resolves. */
export async function startProcess(t: Test, kind: Kind, call: Call, options: Options): Promise<Child> {
  const child = startChild(t, 'object', argumentsOf(kind, call, options), { silent: true });
  await child.next();
  return child;
}

/** Starts a worker thread that has the object open once this resolves. */
export async function startThread(t: Test, kind: Kind, call: Call, options: Options): Promise<{ worker: Worker; exited: Promise<unknown> }> {
  const worker = new Worker(fixture('object'), { argv: argumentsOf(kind, call, options) });
  t.teardown(() => worker.terminate());
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  await once(worker, 'message');
  // A thread that is asked to throw does.
  worker.on('error', () => undefined);
  return { worker, exited };
}
