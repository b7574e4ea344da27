// Checks that the mutants can still be made: each names pieces of the sources.
import { applied } from '../mutants/edits.mjs';
import { deathMutants } from '../mutants/deaths.mjs';
import { flowControl, flowMutants } from '../mutants/flows.mjs';
import { control, mutants } from '../mutants/list.mjs';
import { textOf } from './tree.mjs';

export function problemsInMutants() {
  return [control, flowControl, ...mutants, ...flowMutants, ...deathMutants].flatMap(({ what, edits }) => {
    try {
      applied(edits, textOf);
      return [];
    } catch (error) {
      return [`scripts/mutants: "${what}": ${error.message}`];
    }
  });
}
