// Sorting.

/** Returns the items in order. */
export function inOrder<T>(items: readonly T[], compare: (a: T, b: T) => number): T[] {
  // Not `toSorted`, which Node.js 18 lacks.
  // oxlint-disable-next-line unicorn/no-array-sort
  return [...items].sort(compare);
}

/** Compares texts by code units. */
export function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
