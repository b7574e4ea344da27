// Checks that links between our pages lead somewhere, in the repository and in the published package.
//
// A published page may be read in `node_modules`: what it links to is published as well, or named by its address in the
// repository, which is checked like a path.
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../setup/process.mjs';
import { ourFiles, textOf } from './tree.mjs';

// npm adds these to what package.json lists under "files".
const ALWAYS_PUBLISHED = ['package.json', 'README.md', 'LICENSE'];

export function problemsInLinks() {
  return ourFiles()
    .filter((name) => name.endsWith('.md'))
    .flatMap((page) => targetsIn(textOf(page)).flatMap((target) => problemsWith(page, target)));
}

function targetsIn(text) {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]).filter((target) => target.startsWith(address()) || !/^[a-z]+:/.test(target));
}

function problemsWith(page, target) {
  const isAddress = target.startsWith(address());
  const [file, anchor] = target.slice(isAddress ? address().length : 0).split('#');
  const folder = isAddress ? '' : path.posix.dirname(page);
  const name = file === '' ? page : path.posix.join(folder, file);
  if (!fs.existsSync(path.join(ROOT, name))) return [`${page}: links to ${target}, which does not exist`];
  if (!isAddress && isPublished(page) && !isPublished(name)) {
    return [`${page}: links to ${target}, which is not published: link to ${address()}${name}`];
  }
  if (!anchor || !name.endsWith('.md') || anchorsIn(textOf(name)).has(anchor)) return [];
  return [`${page}: links to ${target}, and there is no such heading`];
}

function isPublished(name) {
  return [...ALWAYS_PUBLISHED, ...manifest().files].some((entry) => name === entry || name.startsWith(`${entry}/`));
}

// Where the repository's files can be read.
function address() {
  return `${manifest().repository.url.replace(/^git\+/, '').replace(/\.git$/, '')}/blob/main/`;
}

function manifest() {
  return JSON.parse(textOf('package.json'));
}

// As GitHub makes anchors: lower case, without punctuation, spaces replaced by hyphens.
function anchorsIn(text) {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map((match) => match[1]);
  return new Set(headings.map((heading) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')));
}
