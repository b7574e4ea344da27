// Types of iteration. Re-exported by index.d.ts, so the comments are for users.

/** Options of `deletePrefix`. */
export interface DeletePrefixOptions {
  /** The largest number of keys to remove. Default 0: all. */
  max?: number | undefined;
}

/**
 * An iterator of a dictionary. `for ... of` runs to the end without a break; `for await ... of` lets the event loop turn
 * every half a millisecond.
 */
export interface DictIterator<T> extends IterableIterator<T>, AsyncIterable<T> {}
