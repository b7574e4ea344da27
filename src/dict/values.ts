// Converts values for the addon and back. Users' code (getters, codecs) runs here, and so never inside the engine.
import { types } from 'node:util';
import { unshared } from '../arguments/bytes.js';
import { checkAccepted } from './accept.js';
import { decode, type HandleCodec } from './codecs.js';
import { aboutEntry, ShmError, wrongType } from '../addon/errors.js';
import { BYTES, PLAIN } from './value-kinds.js';
import { callFrame } from './call-frame.js';
import { dict } from './native.js';
import type { HandleId } from '../addon/native.js';
import { NEVER } from '../arguments/ttl.js';
import { ALWAYS, type WriteOptions } from './write-options.js';

/** A value as the addon takes it. */
export interface Stored {
  readonly data: unknown;
  readonly kind: number;
}

/** Converts a value for the addon. */
export function storedOf(value: unknown, codec: HandleCodec): Stored {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
      return { data: value, kind: PLAIN };
    case 'object':
      if (value === null) return { data: value, kind: PLAIN };
      if (types.isUint8Array(value)) return { data: unshared(value), kind: BYTES };
      return codec.encode(value);
    default:
      throw wrongType('value', 'a value that can be stored', value);
  }
}

/** Stores a value under no condition. `ttl` is as the addon takes it. */
export function store(id: HandleId, key: string, value: unknown, ttl: number, codec: HandleCodec): boolean {
  if (codec.store !== undefined && typeof value === 'object' && value !== null && !types.isUint8Array(value)) {
    return codec.store(id, key, value, ttl);
  }
  const { data, kind } = storedOf(value, codec);
  return kind === PLAIN && ttl === NEVER ? dict.set(id, key, data) : dict.set(id, key, data, kind, ttl);
}

/** Stores a value under the condition of checked options. Returns whether it was met. */
export function storeIf(id: HandleId, key: string, value: unknown, options: WriteOptions, codec: HandleCodec): boolean {
  const { ttl, condition, version } = options;
  if (condition === ALWAYS) return store(id, key, value, ttl, codec);
  const { data, kind } = storedOf(value, codec);
  return dict.set(id, key, data, kind, ttl, condition, version);
}

/** Returns the kind of a list's item. */
export function itemKindOf(item: unknown): number {
  if (typeof item === 'string' || typeof item === 'number') return PLAIN;
  if (types.isUint8Array(item)) return BYTES;
  throw wrongType('value', 'a string, a number or a Uint8Array', item);
}

/** Returns the user's value for the result of the addon's last call. */
export function valueOf(returned: unknown, codec: HandleCodec, key?: string): unknown {
  if (typeof returned === 'object') return revive(returned as Buffer | null, callFrame.kind(), codec, key);
  if (codec.refusesPlain && returned !== undefined) checkPlain(codec, key);
  return returned;
}

/** Returns the value of an object from the addon: a `Buffer` of this kind, or null. */
export function revive(returned: Buffer | null, kind: number, codec: HandleCodec, key?: string): unknown {
  if (returned === null || kind === BYTES) {
    if (codec.refusesPlain) checkPlain(codec, key);
    return returned;
  }
  try {
    return decode(kind, returned, codec);
  } catch (error) {
    throw aboutEntry(error, codec.object, key);
  }
}

/** Returns the value of a job or a message from the addon: a `Buffer` of this kind, or the value itself. */
export function reviveStored(stored: unknown, kind: number, codec: HandleCodec): unknown {
  if (types.isUint8Array(stored)) return revive(stored as Buffer, kind, codec);
  if (codec.refusesPlain) checkPlain(codec);
  return stored;
}

/** Throws if the handle reads no plain values, and so no items of lists. */
export function checkPlain(codec: HandleCodec, key?: string): void {
  try {
    checkAccepted(codec.accepted, 'plain');
  } catch (error) {
    throw aboutEntry(error, codec.object, key);
  }
}

/** Like `revive`; `undefined` for a value that this handle or runtime cannot read. */
export function reviveIfReadable(returned: Buffer | null, kind: number, codec: HandleCodec, key: string): unknown {
  try {
    return revive(returned, kind, codec, key);
  } catch (error) {
    if (error instanceof ShmError && error.code === 'ERR_SHM_UNSUPPORTED') return undefined;
    throw error;
  }
}

/** Like `valueOf`; `undefined` for a value that this handle or runtime cannot read. */
export function valueIfReadable(returned: unknown, codec: HandleCodec, key: string): unknown {
  if (typeof returned === 'object') return reviveIfReadable(returned as Buffer | null, callFrame.kind(), codec, key);
  return codec.refusesPlain ? undefined : returned;
}
