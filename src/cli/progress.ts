// A progress bar on standard error, if that is a terminal, for work that takes long enough to be watched.
import { paddedEnd, shortCount } from './format.js';

const WIDTH = 30;
/** Between two drawings, and before the first. */
const PAUSE_NS = 200_000_000n;

export class Progress {
  readonly #title: string;
  readonly #total: number;
  readonly #isShown: boolean;
  #done = 0;
  #next = process.hrtime.bigint() + PAUSE_NS;
  #hasDrawn = false;

  /** `total` is 0 if it is not known. */
  constructor(title: string, total: number, quiet: boolean) {
    this.#title = title;
    this.#total = total;
    this.#isShown = process.stderr.isTTY && !quiet;
  }

  advance(by = 1): void {
    this.#done += by;
    if (!this.#isShown) return;
    const now = process.hrtime.bigint();
    if (now < this.#next) return;
    this.#next = now + PAUSE_NS;
    this.#hasDrawn = true;
    process.stderr.write(`\r${this.#text()}\u001b[K`);
  }

  /** Removes the bar. */
  end(): void {
    if (this.#hasDrawn) process.stderr.write('\r\u001b[K');
  }

  #text(): string {
    if (this.#total === 0) return `${this.#title} ${shortCount(this.#done)}`;
    const share = Math.min(1, this.#done / this.#total);
    return `${this.#title} [${paddedEnd('#'.repeat(Math.round(share * WIDTH)), WIDTH)}] ${Math.round(share * 100)}% ${shortCount(this.#done)} of ${shortCount(this.#total)}`;
  }
}
