// The terminal while `top` runs: the alternate screen, which leaves what was there before as it was.
import { EXIT, Failure } from '../failure.js';
import { cut } from '../format.js';

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
const INTERRUPT = '\u0003';
const STYLE = '\u001b[';

export class Screen {
  get rows(): number {
    return process.stdout.rows || 24;
  }

  get columns(): number {
    return process.stdout.columns || 80;
  }

  /** Draws lines from the top; those that are too long are cut. */
  show(lines: readonly string[]): void {
    const fitted = lines.map((line) => (line.includes(STYLE) ? line : cut(line, this.columns)) + CLEAR_LINE);
    process.stdout.write(HOME + fitted.join('\r\n') + CLEAR_BELOW);
  }

  /** Calls `tick` at each interval and `press` for each key, until `q` or an interrupt; returns the exit code. */
  async run(milliseconds: number, tick: () => void, press: (key: string) => void, resize: () => void): Promise<number> {
    if (!process.stdin.isTTY) throw new Failure(EXIT.usage, 'standard input is no terminal: use --count');
    process.stdout.write(ENTER);
    process.stdin.setRawMode(true);
    process.stdin.setEncoding('utf8');
    try {
      return await new Promise<number>((resolve, reject) => {
        const guarded = (work: () => void) => () => {
          try {
            work();
          } catch (error) {
            reject(error);
          }
        };
        this.#timer = setInterval(guarded(tick), milliseconds);
        process.stdin.on('data', (keys: string) => {
          for (const key of keys) {
            if (key === 'q') resolve(EXIT.done);
            else if (key === INTERRUPT) resolve(EXIT.interrupted);
            else guarded(() => press(key))();
          }
        });
        process.stdin.on('end', () => resolve(EXIT.done));
        process.stdout.on('resize', guarded(resize));
        for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) process.on(signal, () => resolve(EXIT.interrupted));
        guarded(tick)();
      });
    } finally {
      this.#restore();
    }
  }

  #timer: NodeJS.Timeout | undefined;

  #restore(): void {
    clearInterval(this.#timer);
    process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stdout.write(LEAVE);
  }
}
