// What objects have in common that one can wait for without blocking.
import type { OpenHandle } from './handle.js';
import { holdFor } from './holds.js';
import { Named } from './named.js';
import { introduce } from './waits.js';

export abstract class Waitable extends Named {
  constructor(handle: OpenHandle) {
    super(handle);
    introduce(this, handle.segment);
  }

  ref(): this {
    holdFor(this, true);
    return this;
  }

  unref(): this {
    holdFor(this, false);
    return this;
  }
}
