// The keys of an object, in order.
import type { Reader } from './reader.js';

/** A structure that has been read this often is worth a function of its own. */
const OFTEN = 64;
/** The most keys of a function. */
const MOST_COMPILED = 64;

type Make = (reader: Reader) => object;

export class Structure {
  readonly keys: readonly string[];
  /** Whether an assignment makes each property: not where the prototype has a setter, or may be frozen. */
  readonly #isSimple: boolean;
  #make: Make | undefined;
  #uses = 0;

  constructor(keys: readonly string[]) {
    this.keys = keys;
    this.#isSimple = !keys.some((key) => key in Object.prototype);
  }

  /** Reads the values of the keys, and returns the object. */
  read(reader: Reader): object {
    const make = this.#make;
    return make === undefined ? this.#assemble(reader) : make(reader);
  }

  #assemble(reader: Reader): object {
    const { keys } = this;
    this.#uses += 1;
    if (this.#uses === OFTEN && keys.length <= MOST_COMPILED) this.#make = compiled(keys);
    const object: Record<string, unknown> = {};
    if (this.#isSimple) {
      for (let index = 0; index < keys.length; index += 1) object[keys[index] as string] = reader.read();
    } else {
      for (const key of keys) {
        Object.defineProperty(object, key, { value: reader.read(), writable: true, enumerable: true, configurable: true });
      }
    }
    return object;
  }
}

/** Returns whether keys can be those of a structure. What comes from shared memory may be anything. */
export function areKeys(keys: unknown): keys is string[] {
  if (!Array.isArray(keys) || keys.length === 0) return false;
  return keys.every((key) => typeof key === 'string' && key !== '__proto__') && new Set(keys).size === keys.length;
}

/** Returns a function that makes an object of these keys in one step; `undefined` where the runtime makes no code. */
function compiled(keys: readonly string[]): Make | undefined {
  const properties = keys.map((key) => `${JSON.stringify(key)}:r.read()`);
  try {
    return new Function('r', `return {${properties.join()}}`) as Make;
  } catch {
    return undefined;
  }
}
