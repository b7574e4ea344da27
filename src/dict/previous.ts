// Writes that return the value before them. One that a codec wrote is decoded before anything changes, so that a value
// that this handle cannot read is not lost.
import { callFrame, DECODE, DECODED } from './call-frame.js';
import type { DictHandle } from './handle.js';
import { dict } from './native.js';
import { storedOf, valueOf } from './values.js';

export function take(handle: DictHandle, key: string): unknown {
  checkPresent(handle, key);
  const returned = dict.take(handle.id, key);
  if (callFrame.previous() !== DECODE) return valueOf(returned, handle.codec, key);
  return decodeFirst(handle, key, returned, (version) => dict.take(handle.id, key, version));
}

export function getAndExpire(handle: DictHandle, key: string, ttl: number): unknown {
  checkPresent(handle, key);
  const returned = dict.getAndExpire(handle.id, key, ttl);
  if (callFrame.previous() !== DECODE) return valueOf(returned, handle.codec, key);
  return decodeFirst(handle, key, returned, (version) => dict.getAndExpire(handle.id, key, ttl, version));
}

export function swap(handle: DictHandle, key: string, value: unknown, ttl: number): unknown {
  const { data, kind } = storedOf(value, handle.codec);
  checkPresent(handle, key);
  const returned = dict.swap(handle.id, key, data, kind, ttl);
  if (callFrame.previous() !== DECODE) return valueOf(returned, handle.codec, key);
  return decodeFirst(handle, key, returned, (version) => dict.swap(handle.id, key, data, kind, ttl, version));
}

// The addon returns plain values without asking, so a handle that reads none reads the present value first.
function checkPresent({ id, codec }: DictHandle, key: string): void {
  if (codec.refusesPlain) valueOf(dict.getEntry(id, key), codec, key);
}

// Each further round means that another writer wrote the key in between.
function decodeFirst(handle: DictHandle, key: string, first: unknown, write: (decoded: bigint) => unknown): unknown {
  for (let returned = first; ; ) {
    const version = callFrame.version();
    const value = valueOf(returned, handle.codec, key);
    returned = write(version);
    const step = callFrame.previous();
    if (step === DECODED) return value;
    if (step !== DECODE) return valueOf(returned, handle.codec, key);
  }
}
