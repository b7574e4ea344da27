import path from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';

const IMPORTS = path.join(__dirname, '..', '..', '..', 'scripts', 'tidy', 'imports.mjs');

test('import check: the command line imports only itself, Node.js, its parser and the public API', async (t) => {
  const { importsOutside } = (await import(pathToFileURL(IMPORTS).href)) as { importsOutside(file: string, text: string): string[] };
  const found = (text: string) => importsOutside('src/cli/commands/a.ts', text).length;
  t.is(found("import { a } from '../shell.js';\nimport fs from 'node:fs';\nimport { Command } from 'commander';\nrequire('shmkit');"), 0);
  t.is(found("import { a } from '../../dict/codecs.js';"), 1);
  t.is(found("import type { A } from '../../types.js';"), 1);
  t.is(found("require('../../../shmkit.linux-x64-gnu.node'); await import('../../kinds.js');"), 2);
  t.is(found("import x from 'chalk';"), 1);
});
