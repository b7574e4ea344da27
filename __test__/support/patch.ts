// Bytes that another writer would have stored: a value is stored, and then changed in the dictionary's file.
import fs from 'node:fs';
import type { SharedDict } from 'shmkit';

/** Replaces the only occurrence of some bytes in a dictionary's file by as many others. */
export function patchFile(dict: SharedDict, from: Buffer, to: Buffer): void {
  if (from.length !== to.length) throw new Error(`${from.length} bytes for ${to.length}`);
  const content = fs.readFileSync(dict.path);
  const at = content.indexOf(from);
  if (at < 0 || content.includes(from, at + 1)) throw new Error('the bytes do not occur exactly once');
  const file = fs.openSync(dict.path, 'r+');
  try {
    fs.writeSync(file, to, 0, to.length, at);
  } finally {
    fs.closeSync(file);
  }
}

/** Makes an object one that V8 writes. */
export const NOT_PLAIN: unknown = new Map();

/** Stores an object that only a later version of V8 could read. */
export function setFromTheFuture(dict: SharedDict, key: string): void {
  const mark = `from the future: ${key}`;
  dict.set(key, [mark, true, NOT_PLAIN]);
  // `true` becomes a tag that no version defines so far.
  patchFile(dict, Buffer.from(`${mark}T`), Buffer.from(`${mark}\u0001`));
}

/** Stores these bytes, at least 8, as if V8 had written them. */
export function setStructuredBytes(dict: SharedDict, key: string, bytes: Buffer): void {
  const text = 'structured bytes'.repeat(bytes.length).slice(0, bytes.length - 7);
  dict.set(key, new Set([text]));
  const stored = Buffer.concat([Buffer.of(0xff, 15), Buffer.from('\'"'), Buffer.of(text.length), Buffer.from(`${text},\u0001`)]);
  patchFile(dict, stored.subarray(0, bytes.length), bytes);
}
