// Checks that docs/platforms.md names the tests that `npm run test:cross` leaves out.
import { LEFT_OUT } from '../targets/left-out.mjs';
import { textOf } from './tree.mjs';

const PAGE = 'docs/platforms.md';

export function problemsInLeftOut() {
  const page = textOf(PAGE);
  const said = Object.values(LEFT_OUT).flat().flatMap(({ why, tests, programs = [] }) => [why, ...tests, ...programs]);
  return [...new Set(said)].filter((text) => !page.includes(text)).map((text) => `${PAGE}: does not say "${text}", which scripts/targets/left-out.mjs has`);
}
