// Random values of every cloneable kind, and a comparison that misses no difference.
import { types } from 'node:util';

const STRINGS = ['', 'a', 'name', 'é', '東京', '\ud800', 'x\0y', '😀 text', 'a longer text of some forty characters ....', 'y'.repeat(300), 'ß'.repeat(3000)];
const NUMBERS = [0, -0, 1, 127, 128, -1, 32_767, 32_768, -32_768, -32_769, 2 ** 31, -(2 ** 31), 2 ** 53, 0.1, NaN, Infinity, -Infinity, 5e-324];
const KEYS = ['id', 'name', 'a', 'b', 'c', '', '0', '7', 'ключ', 'toString', 'constructor', 'length', '__proto__', 'x\u2028"', '\udfff', 'long'.repeat(30)];
const BIGINTS = [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, 2n ** 100n];

type Random = (below: number) => number;

/** Returns an object or array. Some have what only structured clone can represent. */
export function randomValue(random: Random): object {
  const made: object[] = [];
  return container(random, 4, made);
}

function pick<T>(random: Random, of: readonly T[]): T {
  return of[random(of.length)] as T;
}

function container(random: Random, depth: number, made: object[]): object {
  const value = random(3) === 0 ? array(random, depth, made) : object(random, depth, made);
  made.push(value);
  return value;
}

function object(random: Random, depth: number, made: object[]): object {
  const target = random(20) === 0 ? (Object.create(null) as object) : {};
  for (let count = random(7); count > 0; count -= 1) {
    Object.defineProperty(target, pick(random, KEYS), { value: any(random, depth - 1, made), enumerable: true, writable: true, configurable: true });
  }
  if (random(60) === 0) Object.defineProperty(target, 'hidden', { value: 1 });
  if (random(60) === 0) Object.assign(target, { [Symbol('s')]: 1 });
  if (random(60) === 0) Object.defineProperty(target, 'got', { get: () => 5, enumerable: true });
  return target;
}

function array(random: Random, depth: number, made: object[]): object {
  const length = random(20) === 0 ? random(80) : random(6);
  const target = Array.from({ length }, () => any(random, depth - 1, made));
  if (random(40) === 0 && length > 0) delete target[random(length)];
  if (random(40) === 0) Object.assign(target, { extra: 1 });
  if (random(40) === 0 && length > 0) delete Object.assign(target, { another: 1 })[0];
  return target;
}

function any(random: Random, depth: number, made: object[]): unknown {
  if (depth > 0 && random(3) === 0) return container(random, depth, made);
  switch (random(12)) {
    case 0:
      return undefined;
    case 1:
      return null;
    case 2:
      return random(2) === 0;
    case 3:
      return pick(random, BIGINTS);
    case 4:
      return new Date(random(5) === 0 ? NaN : random(2 ** 31));
    case 5:
      return random(4) === 0 ? rare(random, made) : 1;
    case 6:
    case 7:
      return pick(random, NUMBERS);
    case 8:
      return (random(2) === 0 ? 1 : -1) * (2 ** random(54) + random(3) - 1);
    case 9:
      return pick(random, ['x', '東']).repeat(random(300));
    default:
      return pick(random, STRINGS);
  }
}

class Point {
  x = 1;
}

function rare(random: Random, made: object[]): unknown {
  const values: unknown[] = [new Map([[1, { a: 2 }]]), new Set(['a']), /x/g, new Uint8Array(3), Object(true), Object('boxed'), new Point(), new Error('e'), new Uint8Array(8).buffer];
  const shared = made.length > 0 ? [pick(random, made)] : [];
  return pick(random, [...values, ...shared, ...shared, ...shared]);
}

/** Returns where two values differ; `undefined` if they are the same, with the same sharing within each. */
export function differenceOf(one: unknown, two: unknown, path = 'value', pairs = new Map<unknown, unknown>()): string | undefined {
  if (typeof one !== 'object' || one === null || typeof two !== 'object' || two === null) return Object.is(one, two) ? undefined : path;
  if (pairs.has(one)) return pairs.get(one) === two ? undefined : `${path}: shared`;
  if ([...pairs.values()].includes(two)) return `${path}: shared`;
  pairs.set(one, two);
  const [title, other] = [one, two].map((value) => Object.prototype.toString.call(value));
  if (title !== other || Object.getPrototypeOf(one) !== Object.getPrototypeOf(two)) return `${path}: class`;
  const inner = innerOf(one);
  if (inner !== undefined) return differenceOf(inner, innerOf(two), `${path}: inside`, pairs);
  const [keys, others] = [Reflect.ownKeys(one), Reflect.ownKeys(two)];
  if (keys.length !== others.length || keys.some((key, index) => key !== others[index])) return `${path}: keys`;
  for (const key of keys) {
    const found = differenceOf((one as Record<PropertyKey, unknown>)[key], (two as Record<PropertyKey, unknown>)[key], `${path}.${String(key)}`, pairs);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What is in an object besides its properties, as something that has properties. */
function innerOf(value: object): unknown {
  if (value instanceof Date) return value.getTime();
  if (value instanceof Map || value instanceof Set) return [...value];
  if (value instanceof RegExp || value instanceof Error) return String(value);
  if (types.isArrayBuffer(value)) return Buffer.from(value).toString('hex');
  if (types.isBoxedPrimitive(value)) return (value as { valueOf(): unknown }).valueOf();
  return undefined;
}
