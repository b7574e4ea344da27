// Typed arrays and DataViews, by the numbers that they have in stored values.
import { types } from 'node:util';
import { ShmError } from '../addon/errors.js';

type ViewClass = (new (buffer: ArrayBuffer, offset?: number, length?: number) => ArrayBufferView) & { BYTES_PER_ELEMENT?: number };

/** In the order of Node's own serializer. The positions are part of the format. */
const NAMES = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'DataView',
  'Buffer',
  'BigInt64Array',
  'BigUint64Array',
  'Float16Array',
];
const BUFFER = NAMES.indexOf('Buffer');
const DATA_VIEW = NAMES.indexOf('DataView');
const classes = NAMES.map((name) => (globalThis as unknown as Record<string, ViewClass | undefined>)[name]);

// Getters of the built-in classes, which properties of a value cannot hide.
const TypedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const nameOf = getter<string | undefined>(TypedArray, Symbol.toStringTag);
const ofTypedArray = gettersOf(TypedArray);
const ofDataView = gettersOf(DataView.prototype);

type Getter<T> = (this: unknown) => T;

function getter<T>(prototype: object, name: PropertyKey): Getter<T> {
  return Reflect.getOwnPropertyDescriptor(prototype, name)?.get as Getter<T>;
}

function gettersOf(prototype: object): { buffer: Getter<ArrayBufferLike>; offset: Getter<number>; length: Getter<number> } {
  return { buffer: getter(prototype, 'buffer'), offset: getter(prototype, 'byteOffset'), length: getter(prototype, 'byteLength') };
}

/** A typed array or DataView: what it is, and which bytes of which buffer it shows. */
export interface ViewRange {
  readonly kind: number;
  readonly buffer: ArrayBufferLike;
  readonly offset: number;
  readonly length: number;
}

export function rangeOf(view: ArrayBufferView): ViewRange {
  const isDataView = types.isDataView(view);
  const { buffer, offset, length } = isDataView ? ofDataView : ofTypedArray;
  const name = isDataView ? 'DataView' : view instanceof Buffer ? 'Buffer' : (nameOf.call(view) as string);
  return { kind: NAMES.indexOf(name), buffer: buffer.call(view), offset: offset.call(view), length: length.call(view) };
}

/** Returns the bytes that a kind's elements are aligned to. */
export function alignmentOf(kind: number): number {
  return classes[kind]?.BYTES_PER_ELEMENT ?? 1;
}

/** Makes a view of a range of bytes. Without one, it shows the whole buffer, and follows it if that is resizable. */
export function makeView(kind: number, buffer: ArrayBuffer, offset?: number, length?: number): ArrayBufferView {
  if (kind === BUFFER) return Buffer.from(buffer, offset, length);
  const View = classes[kind];
  if (View === undefined) {
    throw new ShmError('ERR_SHM_UNSUPPORTED', `the value has a ${NAMES[kind] ?? `view of kind ${kind}`}, which Node.js ${process.version} does not have`);
  }
  return new View(buffer, offset, length === undefined || kind === DATA_VIEW ? length : length / alignmentOf(kind));
}
