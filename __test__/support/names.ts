// Named objects of one test: names nobody else uses, removed when the test ends.
import type { ExecutionContext } from 'ava';
import { uniqueName } from './dict';

/** A class of named objects. */
export interface NamedClass {
  unlink(name: string, options?: { dir?: string }): boolean;
}

/** A unique name that is removed when the test ends, whatever was made under it. */
export function nameFor(t: ExecutionContext<unknown>, kind: NamedClass, dir?: string): string {
  const name = uniqueName();
  t.teardown(() => kind.unlink(name, dir === undefined ? {} : { dir }));
  return name;
}
