// Commands that go over many objects: one that cannot be read keeps none of the others from being shown.
import { codeOf, EXIT, exitCodeOf, lineOf } from './failure.js';

interface Named {
  readonly kind: { readonly name: string };
  readonly name: string;
}

/** The objects that a command could not read. */
export class Unreadable {
  #exitCode: number = EXIT.done;
  readonly #lines: string[] = [];

  /** Returns what `read` returns, or undefined for an object that it cannot read, or that is gone since it was listed. */
  read<T>(found: Named, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (codeOf(error) !== 'ERR_SHM_NOT_FOUND') this.add(found, error);
      return undefined;
    }
  }

  /** Remembers why an object could not be read. Throws on what is no failure of an object. */
  add({ kind, name }: Named, error: unknown): void {
    const code = codeOf(error);
    if (code === undefined || !(error instanceof Error)) throw error;
    const line = lineOf(error);
    this.#lines.push(line.includes(`"${name}"`) ? line : `${line.trimEnd()} (${kind.name} "${name}")\n`);
    this.#exitCode = Math.max(this.#exitCode, exitCodeOf(error));
  }

  /** Prints them to standard error, and returns the exit code. */
  report(): number {
    for (const line of this.#lines) process.stderr.write(line);
    return this.#exitCode;
  }
}
