// Loading a client library, which only users of this subpath have.

/** Returns what `load` returns. Throws an error that names the package if it is not installed. */
export function requirePeer<T>(name: string, load: () => T): T {
  try {
    return load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND' || !message.includes(`'${name}'`)) throw error;
    const text = `shmkit/valkey needs the package ${name}, which is not installed here: npm install ${name}`;
    throw Object.assign(new Error(text, { cause: error }), { code: 'MODULE_NOT_FOUND' });
  }
}
