// Finds the crash points of the tests in a binary: the module that counts stores leaves its name in the symbols. Windows keeps
// symbols in a file of their own; there only the check of Cargo's features finds them.
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../setup/process.mjs';

const SOURCE = 'crates/object/src/crash.rs';
const MODULE = 'armed';
/** `crash::armed`, as symbols spell it: each part after its length. */
const SYMBOL = `5crash${MODULE.length}${MODULE}`;

/** Returns whether the bytes of a binary contain the crash points. */
export function hasCrashPoints(bytes) {
  const source = fs.readFileSync(path.join(ROOT, SOURCE), 'utf8');
  if (!source.includes(`mod ${MODULE} {`)) throw new Error(`${SOURCE} has no module "${MODULE}", whose symbols tell that crash points are compiled in`);
  return bytes.includes(SYMBOL);
}
