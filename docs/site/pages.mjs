// Lays the pages out as the site has them, in build/docs-pages: those of docs, and at the top those of this folder.
import fs from 'node:fs';
import path from 'node:path';

const SHOWN = /\.(md|svg|png)$/;

/** Those of docs with pages and pictures. */
export const FOLDERS = ['.', 'guide', 'guide/adapters', 'benchmarks', 'images'];

export function layPages(here) {
  const [docs, target] = [path.join(here, '..'), path.join(here, '../../build/docs-pages')];
  fs.rmSync(target, { recursive: true, force: true });
  fs.mkdirSync(target, { recursive: true });
  for (const folder of ['.', 'guide', 'guide/adapters', 'benchmarks', 'images']) copy(path.join(docs, folder), path.join(target, folder));
  fs.renameSync(path.join(target, 'benchmarks/README.md'), path.join(target, 'benchmarks/index.md'));
  for (const name of ['index.md', 'start.md']) {
    fs.writeFileSync(path.join(target, name), fs.readFileSync(path.join(here, name), 'utf8').replaceAll('](../', '](./'));
  }
  // The pages become programs, which look for Vue there.
  fs.symlinkSync(path.join(here, 'node_modules'), path.join(target, 'node_modules'), 'junction');
}

function copy(from, to) {
  fs.mkdirSync(to, { recursive: true });
  for (const name of fs.readdirSync(from).filter((each) => SHOWN.test(each))) {
    // A link to the folder's first page names its file.
    const text = fs.readFileSync(path.join(from, name));
    fs.writeFileSync(path.join(to, name), name.endsWith('.md') ? text.toString().replaceAll('benchmarks/README.md', 'benchmarks/index.md') : text);
  }
}
