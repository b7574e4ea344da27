// All objects with their figures, for the first page.
import { closing } from '../cli/closing.js';
import { codeOf } from '../cli/failure.js';
import { openToRead } from '../cli/dict.js';
import { type Found, kindsOf, listAll } from '../cli/kinds.js';
import type { Shell } from '../cli/shell.js';
import { Effort } from './effort.js';
import type { Read } from './routes.js';

export const listObjects: Read = ({ shell }) => {
  const effort = new Effort();
  const objects = listAll(shell, kindsOf(undefined)).map((found) => ({ ...summaryOf(found), ...(found.kind.name === 'dict' && { figures: figuresOf(shell, found.name) }) }));
  return { ...effort.spent(), objects };
};

/** Returns what all kinds have. */
export function summaryOf(found: Found): object {
  const { kind, name, size, processes, stale } = found;
  return { kind: kind.name, name, size, processes, stale, entries: kind.entries(found), counts: kind.counts };
}

// A dictionary may go, or be replaced, after it was listed; one that cannot be read keeps none of the others from being shown.
function figuresOf(shell: Shell, name: string): object | undefined {
  try {
    const { perClass: _, ...figures } = closing(openToRead(shell, name), (dict) => dict.stats());
    return figures;
  } catch (error) {
    if (codeOf(error) !== undefined) return undefined;
    throw error;
  }
}
