// Standard output: lines, JSON and tables. A table is aligned on a terminal, and tab-separated anywhere else.
import { once } from 'node:events';
import { escapeJson, escapeText } from './escape.js';
import { cut, paddedEnd, paddedStart } from './format.js';
import { toJson } from './json.js';

/** Written to the system at once. */
const CHUNK = 64 * 1024;
/** Characters of a column that is cut, on a narrow terminal. */
const LEAST_WIDTH = 20;
/** Of a terminal that does not tell its own. */
const DEFAULT_WIDTH = 80;

export interface Column<Row> {
  readonly title: string;
  /** What a terminal shows. */
  readonly text: (row: Row) => string;
  /** What a pipe gets; by default the same. */
  readonly plain?: (row: Row) => string;
  readonly right?: boolean;
  /** Whether a terminal shows what fits into a line. For the last column. */
  readonly cuts?: boolean;
}

export interface OutputOptions {
  readonly json: boolean;
  readonly headings: boolean;
  readonly color: boolean;
}

export class Output {
  readonly terminal: boolean = process.stdout.isTTY;
  #pending: Array<string | Uint8Array> = [];
  #length = 0;
  #isFlushSet = false;

  constructor(readonly options: OutputOptions) {}

  get json(): boolean {
    return this.options.json;
  }

  /** Writes bytes or text as they are. Await it in loops: it waits for a slow reader. */
  async write(data: string | Uint8Array): Promise<void> {
    this.#pending.push(data);
    this.#length += data.length;
    if (this.#length >= CHUNK) await this.flush();
  }

  /** Writes a line of text that needs no escapes. */
  async line(text: string): Promise<void> {
    await this.write(`${text}\n`);
  }

  /** Writes a value as one line of JSON. */
  async document(value: unknown): Promise<void> {
    await this.line(escapeJson(JSON.stringify(toJson(value))));
  }

  /** Writes the rows as a table. */
  async table<Row>(rows: readonly Row[], columns: ReadonlyArray<Column<Row>>): Promise<void> {
    for (const line of this.tableLines(rows, columns)) await this.line(line);
  }

  /** Returns the lines of a table. */
  tableLines<Row>(rows: readonly Row[], columns: ReadonlyArray<Column<Row>>): string[] {
    const cells = rows.map((row) => columns.map(({ text, plain }) => escapeText((this.terminal ? text : (plain ?? text))(row))));
    const titles = columns.map(({ title }) => title);
    const lines = this.terminal ? aligned(columns, this.options.headings ? [titles, ...cells] : cells) : [titles, ...cells].map((line) => line.join('\t'));
    if (!this.options.headings) return this.terminal ? lines : lines.slice(1);
    return this.terminal ? [this.bold(lines[0] ?? ''), ...lines.slice(1)] : lines;
  }

  bold(text: string): string {
    return this.options.color ? `\u001b[1m${text}\u001b[22m` : text;
  }

  /** Colours: 31 red, 32 green, 33 yellow. */
  paint(color: 31 | 32 | 33, text: string): string {
    return this.options.color ? `\u001b[${color}m${text}\u001b[39m` : text;
  }

  /** Flushes when the event loop turns: what comes after this may be hours away. */
  flushSoon(): void {
    if (this.#isFlushSet) return;
    this.#isFlushSet = true;
    setImmediate(() => {
      this.#isFlushSet = false;
      void this.flush();
    });
  }

  async flush(): Promise<void> {
    if (this.#length === 0) return;
    const parts = this.#pending;
    [this.#pending, this.#length] = [[], 0];
    const isText = parts.every((part) => typeof part === 'string');
    const data = isText ? parts.join('') : Buffer.concat(parts.map((part) => Buffer.from(part as string)));
    if (!process.stdout.write(data)) await once(process.stdout, 'drain');
  }
}

function aligned<Row>(columns: ReadonlyArray<Column<Row>>, lines: string[][]): string[] {
  const widths = columns.map((_, at) => Math.max(0, ...lines.map((line) => [...(line[at] ?? '')].length)));
  const last = columns.length - 1;
  if (columns[last]?.cuts) {
    const room = Math.max(LEAST_WIDTH, (process.stdout.columns || DEFAULT_WIDTH) - widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0));
    for (const line of lines) line[last] = cut(line[last] ?? '', room);
    widths[last] = 0;
  }
  return lines.map((line) => line.map((cell, at) => (columns[at]?.right ? paddedStart : paddedEnd)(cell, widths[at] ?? 0)).join('  ').trimEnd());
}
