// Checks the samples of code in the pages: they have to be JavaScript or TypeScript, and what they call has to be there.
// Those of the guides that are whole programs are also run, by the tests of the package.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.join(HERE, '../..');
const FENCE = /^```(js|mjs|ts)\n([\s\S]*?)^```/gm;
/** A name that does not exist: of a module, a method, an option. Samples are pieces, so other complaints say nothing. */
const COMPLAINTS = new Set([2305, 2339, 2353, 2551, 2561, 2724]);
/** What samples leave untyped, and classes whose base is in a package that is not installed here. */
const UNTYPED = /on type '(?:unknown|typeof import\("node:|RateLimiterShm|SharedRegistry)/;
/** A sample of an unknown option says what it throws. */
const SHOWN_ERROR = 'ERR_INVALID_ARG_VALUE';
const UNKNOWN_OPTION = new Set([2353, 2561]);
const OPTIONS = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
  allowJs: true,
  checkJs: true,
  noEmit: true,
  skipLibCheck: true,
  types: ['node'],
  typeRoots: [path.join(ROOT, 'node_modules/@types')],
};

const samples = new Map(pages().flatMap(samplesOf));
const host = ts.createCompilerHost(OPTIONS);
const { fileExists, readFile, getSourceFile } = host;
host.fileExists = (file) => samples.has(file) || fileExists(file);
host.readFile = (file) => samples.get(file)?.text ?? readFile(file);
host.getSourceFile = (file, ...rest) => (samples.has(file) ? ts.createSourceFile(file, samples.get(file).text, ts.ScriptTarget.ES2022, true) : getSourceFile(file, ...rest));
const program = ts.createProgram([...samples.keys()], OPTIONS, host);
const problems = [...samples.keys()].flatMap((file) => {
  const source = program.getSourceFile(file);
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source).filter((problem) => isOurs(source, problem))].map((problem) => textOf(file, source, problem));
});
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(`${samples.size} samples, ${problems.length} problems\n`);
process.exitCode = problems.length > 0 ? 1 : 0;

function pages() {
  return ['README.md', ...['docs', 'docs/guide', 'docs/guide/adapters', 'docs/site'].flatMap((folder) => fs.readdirSync(path.join(ROOT, folder)).filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`))];
}

/** Returns the samples of a page by the names of files that are not there, beside package.json, which makes `shmkit` this package. */
function samplesOf(page) {
  const text = fs.readFileSync(path.join(ROOT, page), 'utf8');
  return [...text.matchAll(FENCE)].map(({ 1: language, 2: code, index }, number) => {
    const isModule = /^\s*(import|export) /m.test(code) || /^(?!.*=>).*\bawait /m.test(code);
    const extension = language === 'ts' ? 'mts' : isModule ? 'mjs' : 'cjs';
    const file = path.join(ROOT, `${page.replaceAll('/', '-')}-${number}.${extension}`);
    // Without an export, its names would be shared by all samples.
    return [file, { text: extension === 'cjs' ? `${code}\nmodule.exports = {};` : `${code}\nexport {};`, page, line: text.slice(0, index).split('\n').length }];
  });
}

function isOurs({ text }, { code, messageText }) {
  if (UNKNOWN_OPTION.has(code) && text.includes(SHOWN_ERROR)) return false;
  return COMPLAINTS.has(code) && !UNTYPED.test(ts.flattenDiagnosticMessageText(messageText, ' '));
}

function textOf(file, source, { start = 0, messageText }) {
  const { page, line } = samples.get(file);
  return `${page}:${line + 1 + source.getLineAndCharacterOfPosition(start).line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
}
