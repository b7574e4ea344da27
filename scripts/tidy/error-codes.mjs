// Checks that every code that the package can throw is documented and declared.
import { ourFiles, textOf } from './tree.mjs';

const SOURCES = /^(crates\/object\/src\/error\.rs|crates\/node\/src\/.*\.rs|src\/.*\.ts)$/;
const PLACES = ['docs/errors.md', 'src/addon/error-codes.ts'];
// Node.js declares its own codes.
const DECLARED = /\bERR_SHM_[A-Z_]+\b/g;
const THROWN = /\bERR_[A-Z_]+[A-Z]\b/g;

export function problemsInErrorCodes() {
  const thrown = new Set(ourFiles().filter((name) => SOURCES.test(name)).flatMap((name) => textOf(name).match(THROWN) ?? []));
  return PLACES.flatMap((place) => {
    const there = textOf(place);
    return [...thrown]
      .filter((code) => place === 'docs/errors.md' || code.match(DECLARED))
      .filter((code) => !there.includes(code))
      .map((code) => `${place}: does not name ${code}`);
  });
}
