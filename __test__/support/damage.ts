// Damage to values in an object's file, as a peer that may write it can do.
import fs from 'node:fs';

/** Replaces the byte that is `before` bytes before this text, which the file has once. */
export function damage(path: string, text: string, before: number, byte: number): void {
  const at = fs.readFileSync(path).indexOf(text);
  if (at < before) throw new Error(`there is no ${JSON.stringify(text)} in ${path}`);
  const file = fs.openSync(path, 'r+');
  fs.writeSync(file, Buffer.of(byte), 0, 1, at - before);
  fs.closeSync(file);
}
