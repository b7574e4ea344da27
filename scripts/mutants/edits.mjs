// What the mutants are made of.

/** A moment in which another thread can run. */
export const PAUSE = 'std::thread::sleep(std::time::Duration::from_micros(50));';

/** Returns the edit that puts more after a piece of a file. */
export const behind = (file, from, more) => ({ file, from, to: `${from}\n${more}` });
/** Returns the edit that puts more before a piece of a file. */
export const before = (file, from, more) => ({ file, from, to: `${more}\n${from}` });
