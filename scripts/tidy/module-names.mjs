// Pages name modules that exist: a backticked `crate::module` or `crate::module::item` of one of our crates.
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../setup/process.mjs';
import { ourFiles, textOf } from './tree.mjs';

const PATH = /`([a-z]+)((?:::[A-Za-z_]+)+)`/g;

/** Returns one line for each name that leads nowhere. */
export function problemsInModuleNames() {
  const crates = new Set(fs.readdirSync(path.join(ROOT, 'crates')));
  return ourFiles()
    .filter((name) => name.endsWith('.md'))
    .flatMap((page) =>
      [...textOf(page).matchAll(PATH)]
        .filter(([, crate, names]) => crates.has(crate) && !exists(crate, names.slice(2).split('::')))
        .map(([name]) => `${page}: names ${name}, which does not exist`),
    );
}

// All names are modules, or the last one is an item of the module before it.
function exists(crate, names) {
  const file = fileOf(crate, names);
  if (file) return true;
  const parent = fileOf(crate, names.slice(0, -1));
  return parent !== undefined && new RegExp(`\\b${names.at(-1)}\\b`).test(textOf(parent));
}

function fileOf(crate, modules) {
  const base = `crates/${crate}/src${modules.map((name) => `/${name}`).join('')}`;
  return [`${base}.rs`, `${base}/mod.rs`, `${base}/lib.rs`].find((file) => fs.existsSync(path.join(ROOT, file)));
}
