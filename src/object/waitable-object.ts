// The base class of named objects with calls that wait without blocking.
import type { ObjectHandle } from './handle.js';
import { setKeepAlive } from './keep-alive.js';
import { NamedObject } from './named-object.js';
import { bindSegment } from './wait-queue.js';

export abstract class WaitableObject extends NamedObject {
  constructor(handle: ObjectHandle) {
    super(handle);
    bindSegment(this, handle.segment);
  }

  ref(): this {
    setKeepAlive(this, true);
    return this;
  }

  unref(): this {
    setKeepAlive(this, false);
    return this;
  }
}
