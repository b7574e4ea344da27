// Shared segments keep their names, even when their objects are closed or collected, until another process has opened them
// or this process or worker ends.
import { clearInterval, setInterval } from '../addon/intrinsics.js';
import type { HandleId } from '../addon/native.js';
import { segment } from './native.js';

/** Milliseconds between two checks whether a closed segment has been opened. */
const PAUSE = 50;

/** The number of times each shared segment had been opened when it was last shared. */
const shared = new Map<HandleId, number>();
/** Segments that the user has closed and that another process is expected to open. */
const waiting = new Set<HandleId>();
let timer: NodeJS.Timeout | undefined;

/** Keeps the segment's name until another process opens it. */
export function expectOpening(id: HandleId): void {
  shared.set(id, segment.openings(id));
}

/** Closes a segment now, or after the expected process has opened it. */
export function closeShared(id: HandleId): void {
  if (!isExpected(id)) {
    shared.delete(id);
    segment.close(id);
    return;
  }
  waiting.add(id);
  timer ??= setInterval(closeOpened, PAUSE).unref();
}

function isExpected(id: HandleId): boolean {
  const before = shared.get(id);
  return before !== undefined && segment.openings(id) === before;
}

function closeOpened(): void {
  for (const id of waiting) {
    if (isExpected(id)) continue;
    waiting.delete(id);
    shared.delete(id);
    segment.close(id);
  }
  if (waiting.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}
