// Sizes: bytes, or a number with a unit.
import { checkInteger } from './check.js';
import { outOfRange, wrongType, wrongValue } from '../addon/errors.js';

const PATTERN = /^(\d+(?:\.\d+)?) ?([kmgt]?)i?b?$/i;
const UNITS = ['', 'k', 'm', 'g', 't'];

/** Returns a size in whole bytes, at least 1. Units are powers of 1,024. */
export function bytesOf(name: string, size: unknown): number {
  if (typeof size === 'number') return checkInteger(name, size, 1);
  if (typeof size !== 'string') throw wrongType(name, "a number of bytes or a string such as '64mb'", size);
  const match = PATTERN.exec(size.trim());
  if (!match) throw wrongValue(name, "must look like '64mb'", size);
  const [, amount = '', unit = ''] = match;
  const bytes = Math.ceil(Number(amount) * 1024 ** UNITS.indexOf(unit.toLowerCase()));
  if (bytes < 1 || !Number.isSafeInteger(bytes)) throw outOfRange(name, 'at least 1 byte and at most 2 ** 53 - 1', size);
  return bytes;
}
