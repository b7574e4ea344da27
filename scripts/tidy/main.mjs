// Checks rules about the tree as a whole that no linter knows. Prints each breach; no output means there is none.
import { pathToFileURL } from 'node:url';
import { problemsInCodeMap } from './code-map.mjs';
import { problemsInCrates } from './crates.mjs';
import { problemsInErrorCodes } from './error-codes.mjs';
import { problemsInExtent } from './extent.mjs';
import { problemsInFiles } from './files.mjs';
import { problemsInImports } from './imports.mjs';
import { problemsInLanguage } from './language.mjs';
import { problemsInLeftOut } from './left-out.mjs';
import { problemsInLinks } from './links.mjs';
import { problemsInModuleNames } from './module-names.mjs';
import { problemsInMutants } from './mutants.mjs';
import { problemsInPlatforms } from './platforms.mjs';
import { problemsInSystemCalls } from './system-calls.mjs';
import { problemsInTitles } from './titles.mjs';
import { problemsInWorkflows } from './workflows.mjs';

const CHECKS = [
  problemsInFiles,
  problemsInCodeMap,
  problemsInCrates,
  problemsInErrorCodes,
  problemsInExtent,
  problemsInImports,
  problemsInLanguage,
  problemsInLinks,
  problemsInModuleNames,
  problemsInMutants,
  problemsInPlatforms,
  problemsInLeftOut,
  problemsInSystemCalls,
  problemsInTitles,
  problemsInWorkflows,
];

/** Returns one line for each breach. */
export function problemsInTree() {
  return CHECKS.flatMap((check) => check());
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const problems = problemsInTree();
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
