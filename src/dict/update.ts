// Reads, changes, and writes unless another writer came in between.
import { checkFunction } from '../arguments/check.js';
import { ShmError, wrongType } from '../addon/errors.js';
import type { DictHandle } from './handle.js';
import { dict } from './native.js';
import { callFrame } from './call-frame.js';
import { IF_VERSION, laterTtlOf } from './write-options.js';
import { storedOf, valueOf } from './values.js';

/** In each lost round another writer wrote the key; after this many, the function itself must do so. */
const MOST_ROUNDS = 10_000;
/** The version of a missing key. */
const MISSING = 0n;

export function update(handle: DictHandle, key: string, change: (value: unknown) => unknown, ttlArgument: unknown): unknown {
  checkFunction('fn', change);
  const ttl = laterTtlOf(ttlArgument);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const returned = dict.getEntry(handle.id, key);
    const version = returned === undefined ? MISSING : callFrame.version();
    const value = change(valueOf(returned, handle.codec, key));
    if (isThenable(value)) throw wrongType('fn()', 'a function that returns no promise', value);
    if (writeIfUnchanged(handle, key, value, ttl(), version)) return value;
  }
  const message = `contention: update lost ${MOST_ROUNDS} races for one key; does the function write it itself?`;
  throw new ShmError('ERR_SHM_CONTENTION', message, { object: handle.object, key });
}

function writeIfUnchanged(handle: DictHandle, key: string, value: unknown, ttl: number, version: bigint): boolean {
  if (value === undefined) return version === MISSING || dict.delete(handle.id, key, version);
  const { data, kind } = storedOf(value, handle.codec);
  return dict.set(handle.id, key, data, kind, ttl, IF_VERSION, version);
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
