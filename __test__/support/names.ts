// Names of objects of one test: unique, and removed when the test ends.
import type { ExecutionContext } from 'ava';
import { uniqueName } from './dict';

/** A class of named objects. */
export interface NamedClass {
  unlink(name: string, options?: { dir?: string }): boolean;
}

/** Returns a unique name; its object is removed when the test ends. */
export function nameFor(t: ExecutionContext<unknown>, kind: NamedClass, dir?: string): string {
  const name = uniqueName();
  t.teardown(() => kind.unlink(name, dir === undefined ? {} : { dir }));
  return name;
}
