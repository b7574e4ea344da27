// A value as it is stored on the server: a head of 18 bytes, then the encoded value.
//   S, format | version: 8 bytes | fresh until: 8 bytes, ms of the server's clock as a double, 0 for as long as it is there
import { randomFillSync } from 'node:crypto';
import { wrongType } from './arguments.js';
import { unreadable } from './decoding.js';

const MAGIC = 0x53;
const FORMAT = 1;
const HEAD = 18;
const VERSION_AT = 2;

const pool = Buffer.alloc(4096);
let used = pool.length;

/** Returns 8 random bytes: a version that no other write has, whatever its clock says. */
export function newVersion(): Buffer {
  for (;;) {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const version = pool.subarray(used, used + 8);
    used += 8;
    // 0n stands for a missing key.
    if (version.readBigUInt64BE() !== 0n) return Buffer.from(version);
  }
}

/** Returns the bytes of a version. */
export function versionBytes(name: string, version: unknown): Buffer {
  if (typeof version !== 'bigint') throw wrongType(name, 'of type bigint');
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, version));
  return bytes;
}

/** Returns the bytes to store for an encoded value. */
export function stored(encoded: Uint8Array): Buffer {
  const bytes = Buffer.alloc(HEAD + encoded.length);
  bytes[0] = MAGIC;
  bytes[1] = FORMAT;
  newVersion().copy(bytes, VERSION_AT);
  bytes.set(encoded, HEAD);
  return bytes;
}

/** Returns the encoded value in stored bytes. */
export function encodedOf(bytes: unknown): Buffer {
  return checked(bytes).subarray(HEAD);
}

/** Returns the version of stored bytes. */
export function versionOf(bytes: unknown): bigint {
  return checked(bytes).readBigUInt64BE(VERSION_AT);
}

function checked(bytes: unknown): Buffer {
  if (!Buffer.isBuffer(bytes) || bytes.length <= HEAD || bytes[0] !== MAGIC || bytes[1] !== FORMAT) throw unreadable();
  return bytes;
}
