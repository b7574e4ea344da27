// Values of all types as JSON: bigints as strings, bytes as {"$bytes": base64}, and other objects under a name with "$".
import { types } from 'node:util';

/** Returns what `JSON.stringify` writes in place of the value. */
export function toJson(value: unknown, above: readonly object[] = []): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) };
  if (value === undefined) return { $undefined: true };
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value)) return { $circular: above.length - above.indexOf(value) };
  return objectToJson(value, [...above, value]);
}

function objectToJson(value: object, above: readonly object[]): unknown {
  const inner = (item: unknown) => toJson(item, above);
  if (Array.isArray(value)) return value.map(inner);
  if (types.isUint8Array(value)) return { $bytes: base64(value) };
  if (ArrayBuffer.isView(value)) return { $view: value.constructor.name, $bytes: base64(value) };
  if (types.isAnyArrayBuffer(value)) return { $bytes: base64(new Uint8Array(value)) };
  if (types.isMap(value)) return { $map: [...value].map(inner) };
  if (types.isSet(value)) return { $set: [...value].map(inner) };
  if (types.isDate(value)) return { $date: Number.isNaN(value.getTime()) ? null : value.toISOString() };
  if (types.isRegExp(value)) return { $regexp: String(value) };
  if (types.isNativeError(value)) return { $error: value.name, message: value.message };
  if (types.isBoxedPrimitive(value)) return inner(value.valueOf());
  const plain: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of Object.entries(value)) if (item !== undefined) plain[key] = inner(item);
  return plain;
}

function base64(view: ArrayBufferView): string {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64');
}
