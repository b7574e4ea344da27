// Output that is pleasant on a terminal and plain in a file.
import { SingleBar } from 'cli-progress';

/** Prints a line. */
export function print(line) {
  process.stdout.write(`${line}\n`);
}

/** Prints rows in columns; the first row is the heading. All columns but the first are right-aligned. */
export function printTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) {
    const cells = row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])));
    print(`  ${cells.join('  ')}`.trimEnd());
  }
}

/** Starts a progress bar on a terminal; does nothing where there is none. */
export function startProgress(title, total) {
  if (!process.stdout.isTTY) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar({ format: `${title} {bar} {percentage}% of {total}`, clearOnComplete: true, hideCursor: true });
  bar.start(total, 0);
  return bar;
}
