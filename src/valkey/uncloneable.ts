// The root of the classes here whose objects stand for servers. A copy of such an object would be an empty one, so nothing may
// copy or store it: all versions of Node, and both tiers, refuse the objects of weak collections, which these are underneath.
import { inspect } from 'node:util';

const { construct } = Reflect;

export abstract class Uncloneable {
  constructor() {
    return construct(WeakSet, [], new.target) as this;
  }

  abstract readonly closed: boolean;

  /** Shows nothing of connections. */
  [inspect.custom](): string {
    const { prefix, closed } = this as { readonly prefix?: string; readonly closed: boolean };
    return `${this.constructor.name} ${inspect(prefix === undefined ? { closed } : { prefix, closed })}`;
  }
}
