// Output that is pleasant on a terminal and plain in a file.
import { SingleBar } from 'cli-progress';

/** One line. */
export function print(line) {
  process.stdout.write(`${line}\n`);
}

/** Rows in columns; the first row is the heading. Numbers stand right. */
export function printTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) {
    const cells = row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])));
    print(`  ${cells.join('  ')}`.trimEnd());
  }
}

/** A progress bar on a terminal, and nothing else where there is none. */
export function startProgress(title, total) {
  if (!process.stdout.isTTY) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar({ format: `${title} {bar} {percentage}% of {total}`, clearOnComplete: true, hideCursor: true });
  bar.start(total, 0);
  return bar;
}
