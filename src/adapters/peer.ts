// Loading a package that only users of one adapter have.

/** Returns what `load` returns. Throws an error that names the package and the adapter if it is not installed. */
export function requirePeer<T>(name: string, adapter: string, load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    throw missingPeer(name, adapter, error);
  }
}

/** Returns the error for a package that an adapter needs and that is not installed. */
export function missingPeer(name: string, adapter: string, cause?: unknown): Error {
  const text = `shmkit/${adapter} needs the package ${name}, which is not installed here: npm install ${name}`;
  return Object.assign(new Error(text, { cause }), { code: 'MODULE_NOT_FOUND' });
}

/** Returns whether the package itself is missing, and not something that it requires. */
export function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'MODULE_NOT_FOUND' && message.includes(`'${name}`);
}
