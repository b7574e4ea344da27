// Checks that the engine and the addon leave system calls to crates/os: they use nothing of Rust's standard library that makes
// one either, except threads and their locks. The dependency on libc is checked in crates.mjs. Tests may use everything.
import { proseOf } from './prose.mjs';
import { ourFiles, textOf } from './tree.mjs';

const SOURCE = /^crates\/(object|dict|primitives|node)\/src\/(?!.*\btests?\b).*\.rs$/;
const CALLS = /\b(?:std::(?:env|fs|io|net|process)\b|std::time::(?:Instant|SystemTime)\b|(?:Instant|SystemTime)::now\b|thread::sleep\b)/g;

export function problemsInSystemCalls() {
  return ourFiles().filter((name) => SOURCE.test(name)).flatMap((name) => callsIn(name, textOf(name)));
}

/** Returns one line for each use in a Rust file of what makes system calls. */
export function callsIn(name, text) {
  const comments = proseOf('rs', text);
  return [...text.matchAll(CALLS)]
    .filter(({ index }) => comments[index] === ' ')
    .map(({ 0: found, index }) => `${name}:${text.slice(0, index).split('\n').length}: ${found}: system calls belong in crates/os`);
}
