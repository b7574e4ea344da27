// Asking the server again and again, at a pace that costs it little.
import { useEffect, useState } from 'preact/hooks';
import { CallError, call } from './session.js';

const PAUSE_MS = 1000;
/** The server spends at most one part in this many of its time on a page. */
const SHARE = 40;

/** What every answer that is asked for repeatedly has. */
export interface Timed {
  /** A clock of the server, in milliseconds. */
  readonly at: number;
  /** The processor time that the server spent on it, in milliseconds. */
  readonly took: number;
}

export interface Polled<T> {
  readonly latest: T | undefined;
  readonly error: CallError | undefined;
}

/** Returns the latest answer. Asks only while the page is visible and not paused. */
export function usePoll<T extends Timed>(path: string, parameters: Record<string, string>, isPaused: boolean, hear?: (answer: T) => void): Polled<T> {
  const [polled, setPolled] = useState<Polled<T>>({ latest: undefined, error: undefined });
  const query = JSON.stringify(parameters);
  useEffect(() => setPolled({ latest: undefined, error: undefined }), [path, query]);
  useEffect(() => {
    if (isPaused) return;
    const ended = new AbortController();
    void repeat(ended.signal, async () => {
      try {
        const latest = await call<T>(path, parameters, { signal: ended.signal });
        hear?.(latest);
        setPolled({ latest, error: undefined });
        return Math.max(PAUSE_MS, latest.took * SHARE);
      } catch (error) {
        if (!ended.signal.aborted) setPolled(({ latest }) => ({ latest, error: error instanceof CallError ? error : new CallError(0, String(error)) }));
        return 2 * PAUSE_MS;
      }
    });
    return () => ended.abort();
  }, [path, query, isPaused]);
  return polled;
}

async function repeat(signal: AbortSignal, ask: () => Promise<number>): Promise<void> {
  while (!signal.aborted) {
    if (document.visibilityState === 'hidden') await visible(signal);
    if (signal.aborted) return;
    await pause(await ask(), signal);
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function visible(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    document.addEventListener('visibilitychange', () => resolve(), { once: true, signal });
    signal.addEventListener('abort', () => resolve());
  });
}
