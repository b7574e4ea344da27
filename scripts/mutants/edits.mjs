// What the mutants are made of.
import { SetupError } from '../setup/process.mjs';

/** A moment in which another thread can run. */
export const PAUSE = 'std::thread::sleep(std::time::Duration::from_micros(50));';

/** Returns the edit that puts more after a piece of a file. */
export const behind = (file, from, more) => ({ file, from, to: `${from}\n${more}` });
/** Returns the edit that puts more before a piece of a file. */
export const before = (file, from, more) => ({ file, from, to: `${more}\n${from}` });

/** Returns the files that these edits change, by name, from what `read` returns for one. Each must find its piece once. */
export function applied(edits, read) {
  const files = new Map();
  for (const { file, from, to } of edits) {
    const text = files.get(file) ?? read(file);
    if (text.split(from).length !== 2) throw new SetupError(`${file} should have this once:\n${from}`);
    files.set(file, text.replace(from, () => to));
  }
  return files;
}
