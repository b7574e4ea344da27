// Types of figures about dictionaries. Re-exported by index.d.ts, so the comments are for users.

/** A dictionary in the result of `SharedDict.list`. */
export interface ListedDict {
  /** The dictionary's name. */
  name: string;
  /** Bytes that it takes. */
  size: number;
  /** Bytes that it may take, if it grows. */
  maxSize?: number;
  /** The number of entries, counting expired ones until they are reclaimed. */
  entries: number;
  /** The pids of the processes that have it open for writing. */
  processes: number[];
  /** Whether it is a leftover: its owner is gone, it is not `persist`, and no live process has it open. */
  stale: boolean;
}

/** Figures about the memory of one size class. */
export interface ClassStats {
  /** Bytes of one block. */
  blockSize: number;
  /** The number of pages of this class. */
  pages: number;
  /** The number of blocks in use. */
  used: number;
  /** The number of free blocks. */
  free: number;
}

/** The result of `stats`. Counters are totals of all processes; a read-only handle adds its own reads. Not a snapshot. */
export interface Stats {
  /** Bytes that it takes. */
  size: number;
  /** Bytes that it may take: `size`, if it does not grow. */
  maxSize: number;
  /** How often it has taken more memory. */
  grown: number;
  /** Bytes of what it takes that entries can use. Always `used + free`. */
  capacity: number;
  /** Bytes in use. */
  used: number;
  /** Bytes free. */
  free: number;
  /** The number of live entries. */
  entries: number;
  /** Reads that found a value. */
  hits: number;
  /** Reads that found none. */
  misses: number;
  /** Writes. */
  sets: number;
  /** Deletions. */
  deletes: number;
  /** Entries evicted to make room. */
  evictions: number;
  /** Expired entries that were reclaimed. */
  expired: number;
  /** How often a writer slept to wait for a lock. */
  lockWaits: number;
  /** How often an operation that a dead writer had begun was completed or undone. */
  recoveries: number;
  /** The number of processes that have it open for writing. */
  processes: number;
  /** When it was created, and its counters began at 0, in milliseconds since 1970. The same in all calls of a process. */
  since: number;
  /** The size classes that have memory. */
  perClass: ClassStats[];
}
