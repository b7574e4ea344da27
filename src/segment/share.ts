// Names that wait for another process: a segment that was shared keeps its name, even if its object is closed or
// collected, until another process has opened it, or this process ends.
import type { HandleId } from '../addon/native.js';
import { segment } from './native.js';

/** Milliseconds between two looks whether somebody has opened what waits. */
const PAUSE = 50;

/** The openings that a shared segment had when it was shared last. */
const shared = new Map<HandleId, number>();
/** What is closed for its user and waits for another process. */
const waiting = new Set<HandleId>();
let timer: NodeJS.Timeout | undefined;

/** From now on the next process to open it is waited for. */
export function expectOpening(id: HandleId): void {
  shared.set(id, segment.openings(id));
}

/** Closes a segment now, or once somebody has opened it. */
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
