// The code map of docs/architecture.md names every module, and nothing that is not there.
//
// In the section "Code map", a backticked path counts. One that ends in a slash (`crates/core/src/`) also says where the
// names after it are to be found, until the next one that starts at the root.
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../setup/process.mjs';
import { ourFiles, textOf } from './tree.mjs';

const PAGE = 'docs/architecture.md';
const MODULE = /^(crates\/[^/]+\/src|src)\/.*\.(rs|ts)$/;
const TEST = /(^|\/)tests?(\/|\.rs$)|_tests?\.rs$/;

export function problemsInCodeMap() {
  const section = /^## Code map$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(textOf(PAGE))?.[1];
  if (section === undefined) return [`${PAGE}: has no section "Code map"`];
  const named = new Set();
  const missing = [];
  for (const { name, candidates } of namesIn(section)) {
    const found = candidates.find((candidate) => fs.existsSync(path.join(ROOT, candidate)));
    if (found) named.add(found);
    else missing.push(`${PAGE}: the code map names \`${name}\`, which does not exist`);
  }
  const unnamed = ourFiles()
    .filter((name) => MODULE.test(name) && !TEST.test(name) && !named.has(name))
    .map((name) => `${PAGE}: the code map does not name ${name}`);
  return [...missing, ...unnamed];
}

function* namesIn(section) {
  let folder = '';
  for (const [, name] of section.matchAll(/`([\w.-]+\/|[\w./-]*\.(?:rs|ts|js|mjs)|[\w.-]+(?:\/[\w.-]+)*\/)`/g)) {
    const fromRoot = fs.existsSync(path.join(ROOT, name));
    yield { name, candidates: fromRoot ? [name] : [path.posix.join(folder, name)] };
    if (name.endsWith('/') && fromRoot) folder = name;
  }
}
