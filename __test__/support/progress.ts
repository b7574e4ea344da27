// Long runs of tests that are short in the gate report their progress on one line, which is overwritten.

/** Shows a line if the run is long. */
export function showProgress(isLong: boolean, line: string): void {
  if (isLong) process.stderr.write(`\r${line} `);
}
