// Rules 1 and 2 of CONTRIBUTING, "Language", as far as a machine can hold them.
import path from 'node:path';
import { proseOf } from './prose.mjs';
import { ourFiles, textOf } from './tree.mjs';

// The files, and folders, that keep the rules already.
const ROOTS = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'index.d.ts',
  'index.js',
  '__test__',
  'bench',
  'crates/dict',
  'crates/node',
  'crates/object',
  'crates/primitives',
  'crates/testkit',
  'docs',
  'examples',
  'fuzz',
  'models',
  'scripts',
  'src',
  'types',
];

const ROLE = 'name the role: caller, owner, holder, waiter, reader, writer, creator, peer, participant';
const RULES = [
  { phrase: /\b(?:whoever|whomever|whom|somebody|nobody)\b/gi, remedy: ROLE },
  { phrase: /\b(?:he|him|his|himself)\b/gi, remedy: ROLE },
  // Of people it may follow its noun: "users who".
  { phrase: /(?<!\b(?:users?|people|person|those|anyone|everyone|contributors?|maintainers?|engineers?)\s+)\bwho\b/gi, remedy: ROLE, allowed: asksWho },
  { phrase: /\bso\s+many\b/gi, remedy: 'say "this many", or the number' },
  { phrase: /\bunder\s?way\b/gi, remedy: 'say "in progress"' },
  { phrase: /\bbehind\b/gi, remedy: 'say "after" for time, "past" or "at" for place', allowed: isQueue },
  { phrase: /\b(?:look|looks|looked|looking)\s+whether\b/gi, remedy: 'say "check whether"' },
];

/** Returns one line for each breach: file, line, phrase, remedy. */
export function problemsInLanguage() {
  return ourFiles().filter(isUnderRoot).flatMap((name) => breachesIn(name, textOf(name)));
}

/** Returns the breaches in one file's text. */
export function breachesIn(name, text) {
  const prose = proseOf(path.extname(name).slice(1), text);
  if (prose === null) return [];
  return RULES.flatMap(({ phrase, remedy, allowed }) =>
    [...prose.matchAll(phrase)]
      .filter((match) => !allowed?.(prose, match))
      .map(({ 0: found, index }) => `${name}:${lineNumber(prose, index)}: "${found.replaceAll(/\s+/g, ' ')}": ${remedy}`),
  );
}

function isUnderRoot(name) {
  return ROOTS.some((root) => name === root || name.startsWith(`${root}/`));
}

// A heading that is a question, or the head of a column.
function asksWho(prose, { index }) {
  const line = lineAt(prose, index);
  return /^#+ .*\?\s*$/.test(line) || /\|\s*who\s*\|/i.test(line);
}

// "behind" is right of a queue, of what is left behind, and of what a name stands for.
function isQueue(prose, { index }) {
  const around = prose.slice(Math.max(0, index - 60), index + 60);
  return /\b(?:queue[ds]?|in line)\b/i.test(around) || /\b(?:left|leav(?:e|es|ing)|stay(?:s|ed|ing)?|lag(?:s|ging)?|falls?)\b[^.]*\bbehind/i.test(around) || /behind\s+(?:a|the|its|this)\s+name\b/i.test(around);
}

function lineAt(text, index) {
  return text.slice(text.lastIndexOf('\n', index) + 1).split('\n', 1)[0];
}

function lineNumber(text, index) {
  return text.slice(0, index).split('\n').length;
}
