// Handles that are open for one look.

/** Returns what `read` finds in an object, which is closed afterwards. */
export function closing<T extends { close(): void }, R>(object: T, read: (object: T) => R): R {
  try {
    return read(object);
  } finally {
    object.close();
  }
}
