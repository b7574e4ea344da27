// Failures, and the exit codes that they end with.
import { escapeText } from './escape.js';

export const EXIT = { done: 0, no: 1, usage: 2, failed: 3, busy: 4, damaged: 5, interrupted: 130 } as const;

/** Ends a command with an exit code and a message. */
export class Failure extends Error {
  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message);
  }
}

/** Returns the failure of a wrong argument. */
export function usage(message: string): Failure {
  return new Failure(EXIT.usage, message);
}

/** Returns the failure of something that is missing, or of a condition that does not hold. */
export function no(message: string): Failure {
  return new Failure(EXIT.no, message);
}

const BY_CODE: Record<string, number> = {
  ERR_SHM_NOT_FOUND: EXIT.no,
  ERR_SHM_EXISTS: EXIT.no,
  ERR_SHM_INVALID_NAME: EXIT.usage,
  ERR_INVALID_ARG_TYPE: EXIT.usage,
  ERR_INVALID_ARG_VALUE: EXIT.usage,
  ERR_OUT_OF_RANGE: EXIT.usage,
  ERR_SHM_LOCK_TIMEOUT: EXIT.busy,
  ERR_SHM_TIMEOUT: EXIT.busy,
  ERR_SHM_CONTENTION: EXIT.busy,
  ERR_SHM_CORRUPT: EXIT.damaged,
  ERR_SHM_LAYOUT: EXIT.damaged,
  ERR_SHM_UNTRUSTED: EXIT.damaged,
};

/** Returns the code of an error, if it has one. */
export function codeOf(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Returns the exit code for whatever a command threw. */
export function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof Failure) return thrown.exitCode;
  return BY_CODE[codeOf(thrown) ?? ''] ?? EXIT.failed;
}

/** Returns the line for standard error. */
export function lineOf(thrown: unknown): string {
  const code = codeOf(thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const text = code === undefined || message.startsWith(code) ? message : `${code}: ${message}`;
  return `shmkit: ${text.split('\n').map(escapeText).join('\n  ')}\n`;
}
