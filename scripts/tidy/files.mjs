// Checks that files are short and that their names say what is in them.
import path from 'node:path';
import { ourFiles, textOf } from './tree.mjs';

const MAX_LINES = 300;
const CODE = /\.(rs|ts|js|mjs|cjs)$/;
const EMPTY_WORDS = /(^|[-_./])(utils?|helpers?|common|managers?|misc)($|[-_./])/i;

export function problemsInFiles() {
  return ourFiles().flatMap((name) => [...tooLong(name), ...badName(name)]);
}

function tooLong(name) {
  if (!CODE.test(name)) return [];
  const lines = textOf(name).split('\n').length - 1;
  return lines > MAX_LINES ? [`${name}: ${lines} lines, at most ${MAX_LINES}`] : [];
}

function badName(name) {
  if (!CODE.test(name)) return [];
  const word = EMPTY_WORDS.exec(name.slice(0, -path.extname(name).length));
  return word ? [`${name}: "${word[2]}" says nothing about what is in it`] : [];
}
