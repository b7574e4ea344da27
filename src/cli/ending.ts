// What ends a command that would go on for ever: a signal, or a time that the user gave.
import { EXIT } from './failure.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class Ending {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  #exitCode: number = EXIT.done;

  /** `seconds` until the end, if there is one. */
  constructor(seconds?: number) {
    for (const signal of SIGNALS) process.on(signal, this.#interrupt);
    if (seconds !== undefined) this.#timer = setTimeout(() => this.#controller.abort(), seconds * 1000);
  }

  /** Aborted at the end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Settles at the end. */
  get reached(): Promise<void> {
    return new Promise((resolve) => {
      if (this.signal.aborted) resolve();
      else this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  get exitCode(): number {
    return this.#exitCode;
  }

  /** Gives the signals back. */
  dispose(): void {
    clearTimeout(this.#timer);
    for (const signal of SIGNALS) process.off(signal, this.#interrupt);
  }

  readonly #interrupt = (): void => {
    this.#exitCode = EXIT.interrupted;
    this.#controller.abort();
  };
}
