// Checks that the code map of docs/architecture.md names every module, and nothing that does not exist.
//
// Every backticked path in the section "Code map" counts. A folder stands for all files in it.
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../setup/process.mjs';
import { ourFiles, textOf } from './tree.mjs';

const PAGE = 'docs/architecture.md';
const MODULE = /^(crates\/[^/]+\/src|src)\/.*\.(rs|ts)$/;

export function problemsInCodeMap() {
  const section = /^## Code map$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(textOf(PAGE))?.[1];
  if (section === undefined) return [`${PAGE}: has no section "Code map"`];
  const named = [...section.matchAll(/`([\w.-]+(?:\/[\w.-]+)*)`/g)].map(([, name]) => name);
  const missing = named
    .filter((name) => !fs.existsSync(path.join(ROOT, name)))
    .map((name) => `${PAGE}: the code map names \`${name}\`, which does not exist`);
  const isNamed = (file) => named.some((name) => file === name || file.startsWith(`${name}/`));
  const unnamed = ourFiles()
    .filter((file) => MODULE.test(file) && !isNamed(file))
    .map((file) => `${PAGE}: the code map does not name ${file}`);
  return [...missing, ...unnamed];
}
