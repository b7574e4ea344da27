// The table of the conformance suite: every kind of named object, and what it differs in by contract.
import { channel } from './channel';
import { dict } from './dict';
import type { Kind } from './kind';
import { locks } from './locks';
import { mutex } from './mutex';
import { queue } from './queue';
import { ring } from './ring';
import { segment } from './segment';
import { semaphore } from './semaphore';

export const KINDS: readonly Kind[] = [dict, segment, semaphore, mutex, locks, ring, channel, queue];

/** Returns the row of a title, for programs that are given one. */
export function kindOf(title: string | undefined): Kind {
  const kind = KINDS.find((row) => row.title === title);
  if (!kind) throw new Error(`no kind has the title ${title}`);
  return kind;
}
