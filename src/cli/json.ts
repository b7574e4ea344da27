// Values of all types as JSON: bigints as strings, bytes as {"$bytes": base64}, and other objects under a name with "$".
import { types } from 'node:util';
import { EXIT, Failure } from './failure.js';

/**
 * JSON has no references: an object that occurs several times in a value is written as many times. The repetitions have
 * at most this many values, bytes and characters, because a few bytes of a peer can ask for billions.
 */
const MOST_REPEATED = 2 ** 22;

/** Returns what `JSON.stringify` writes in place of the value. Throws if too much would be written repeatedly. */
export function toJson(value: unknown): unknown {
  return new Conversion().convert(value, false);
}

/** The conversion of one value. */
class Conversion {
  /** The objects that the one at hand is in, with their depths. */
  readonly #above = new Map<object, number>();
  readonly #seen = new Set<object>();
  #repeated = 0;

  /** `isRepeated` says whether the value is in an object that was converted before. */
  convert(value: unknown, isRepeated: boolean): unknown {
    if (isRepeated) this.#count(1 + sizeOf(value));
    if (typeof value === 'bigint') return this.convert(String(value), isRepeated);
    if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) };
    if (value === undefined) return { $undefined: true };
    if (typeof value !== 'object' || value === null) return value;
    const depth = this.#above.get(value);
    if (depth !== undefined) return { $circular: this.#above.size - depth };
    this.#above.set(value, this.#above.size);
    const converted = this.#object(value, isRepeated || this.#seen.has(value));
    this.#above.delete(value);
    this.#seen.add(value);
    return converted;
  }

  #object(value: object, isRepeated: boolean): unknown {
    const inner = (item: unknown) => this.convert(item, isRepeated);
    if (Array.isArray(value)) return value.map(inner);
    if (types.isUint8Array(value)) return { $bytes: base64(value) };
    if (ArrayBuffer.isView(value)) return { $view: value.constructor.name, $bytes: base64(value) };
    if (types.isAnyArrayBuffer(value)) return { $bytes: base64(new Uint8Array(value)) };
    if (types.isMap(value)) return { $map: [...value].map(inner) };
    if (types.isSet(value)) return { $set: [...value].map(inner) };
    if (types.isDate(value)) return { $date: Number.isNaN(value.getTime()) ? null : value.toISOString() };
    if (types.isRegExp(value)) return { $regexp: inner(String(value)) };
    if (types.isNativeError(value)) return { $error: inner(value.name), message: inner(value.message) };
    if (types.isBoxedPrimitive(value)) return inner(value.valueOf());
    const plain: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const [key, item] of Object.entries(value)) {
      if (isRepeated) this.#count(key.length);
      if (item !== undefined) plain[key] = inner(item);
    }
    return plain;
  }

  #count(repeated: number): void {
    this.#repeated += repeated;
    if (this.#repeated <= MOST_REPEATED) return;
    throw new Failure(EXIT.failed, `objects that occur several times in the value would take more than ${MOST_REPEATED} values and characters as JSON`);
  }
}

/** Returns the characters of a string, or the bytes of binary data. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value) ? value.byteLength : 0;
}

function base64(view: ArrayBufferView): string {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64');
}
