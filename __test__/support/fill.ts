// Fills a dictionary up.

/** More than any dictionary of a test has room for. */
const MOST = 1_000_000;

/** Calls `write` with 0, 1 and so on until it throws `ERR_SHM_FULL`; returns how many calls succeeded. */
export function countUntilFull(write: (index: number) => unknown): number {
  for (let count = 0; count < MOST; count += 1) {
    try {
      write(count);
    } catch (error) {
      if ((error as { code?: string }).code === 'ERR_SHM_FULL') return count;
      throw error;
    }
  }
  throw new Error(`not full after ${MOST} writes`);
}
