// Links between our pages lead somewhere.
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../setup/process.mjs';
import { ourFiles, textOf } from './tree.mjs';

export function problemsInLinks() {
  return ourFiles()
    .filter((name) => name.endsWith('.md'))
    .flatMap((page) => targetsIn(textOf(page)).flatMap((target) => problemsWith(page, target)));
}

function targetsIn(text) {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]).filter((target) => !/^[a-z]+:/.test(target));
}

function problemsWith(page, target) {
  const [file, anchor] = target.split('#');
  const name = file === '' ? page : path.posix.join(path.posix.dirname(page), file);
  if (!fs.existsSync(path.join(ROOT, name))) return [`${page}: links to ${target}, which does not exist`];
  if (!anchor || !name.endsWith('.md') || anchorsIn(textOf(name)).has(anchor)) return [];
  return [`${page}: links to ${target}, and there is no such heading`];
}

// As GitHub makes them: lower case, punctuation dropped, blanks to hyphens.
function anchorsIn(text) {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map((match) => match[1]);
  return new Set(headings.map((heading) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')));
}
