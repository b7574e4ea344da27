// The root of all classes whose objects stand for something outside of the JavaScript heap.
//
// A copy of such an object would be an empty one, so the structured clone algorithm must refuse it: in `structuredClone`,
// `postMessage`, `v8.serialize`, and in values of dictionaries. All versions of Node refuse the objects of weak
// collections, so that is what these objects are underneath; nothing else of a collection can be seen or called.
import { WeakSet } from '../addon/intrinsics.js';
import { makeInspectable } from './inspect.js';

const { construct } = Reflect;

// oxlint-disable-next-line typescript/no-extraneous-class -- it is there to be extended
export abstract class Uncloneable {
  constructor() {
    return construct(WeakSet, [], new.target) as this;
  }
}

makeInspectable(Uncloneable.prototype);
