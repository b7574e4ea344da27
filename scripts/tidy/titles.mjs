// Titles of tests are statements that fit on a line: rule 6 of CONTRIBUTING, "Language", as far as a machine can hold it.
import { ourFiles, textOf } from './tree.mjs';

const LONGEST = 90;
/** The title of a test in TypeScript: the first argument of `test`, or of a function that declares one. */
const DECLARED = /\b(?:test(?:\.serial)?|testAsRoot|testOnLinux)\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g;
/** The name of a test in Rust, after its attributes. */
const NAMED = /#\[test\]\s+(?:#\[[^\n]*\]\s+)*(?:pub )?fn (\w+)/g;

/** Returns one line for each title that is too long. */
export function problemsInTitles() {
  return ourFiles().flatMap((name) => titlesIn(name, textOf(name)).filter(isTooLong).map((title) => `${name}: ${title.length} characters, at most ${LONGEST}: ${title}`));
}

/** Returns the titles of the tests in a file. An expression in one counts as it is written. */
export function titlesIn(name, text) {
  if (name.endsWith('.spec.ts')) return [...text.matchAll(DECLARED)].map((match) => match[2].replaceAll(/\$\{([^}]*)\}/g, '$1').replaceAll(/\\(.)/g, '$1'));
  if (name.endsWith('.rs')) return [...text.matchAll(NAMED)].map((match) => match[1]);
  return [];
}

function isTooLong(title) {
  return title.length > LONGEST;
}
