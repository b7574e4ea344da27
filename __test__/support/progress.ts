// Long runs of tests that are short in the gate say how far they are, on one line that is written over and over.

/** Shows a line if the run is a long one. */
export function showProgress(isLong: boolean, line: string): void {
  if (isLong) process.stderr.write(`\r${line} `);
}
