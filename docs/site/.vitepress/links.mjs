// Links of the pages that lead out of docs, to the source: they become addresses in the repository. Pictures that the
// published pages take from there are taken from docs.
import path from 'node:path';

const REPOSITORY = 'https://github.com/shmkit/shmkit/blob/main/';
const PICTURES = 'https://raw.githubusercontent.com/shmkit/shmkit/main/docs/';

/** A plugin of markdown-it. */
export function leadingOut(markdown) {
  markdown.core.ruler.push('leading-out', ({ tokens, env }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      if (token.type === 'link_open') token.attrSet('href', linkFrom(env, token.attrGet('href') ?? ''));
      if (token.type === 'image') token.attrSet('src', pictureFrom(env, token.attrGet('src') ?? ''));
    }
  });
}

/** Returns the folder of the page in docs. */
function folderOf({ path: file, relativePath }) {
  return path.posix.dirname(relativePath ?? file);
}

function linkFrom(env, href) {
  if (/^([a-z]+:|#|\/)/.test(href)) return href;
  const [file, anchor] = href.split('#');
  const target = path.posix.join('docs', folderOf(env), file);
  if (target.startsWith('docs/') && target.endsWith('.md')) return href;
  return `${REPOSITORY}${target}${anchor === undefined ? '' : `#${anchor}`}`;
}

function pictureFrom(env, src) {
  if (!src.startsWith(PICTURES)) return src;
  const relative = path.posix.relative(folderOf(env), src.slice(PICTURES.length));
  return relative.startsWith('.') ? relative : `./${relative}`;
}
