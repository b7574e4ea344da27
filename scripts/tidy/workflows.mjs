// Checks that workflows run only pinned code: actions by commit, Rust toolchains and installed tools by exact version,
// downloads by checksum. A tag or a moving version would let others change what a release is built with.
import { ourFiles, textOf } from './tree.mjs';

const WORKFLOW = /^\.github\/(workflows|actions)\/.*\.ya?ml$/;
const PINNED_ACTION = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$/;
const FIXED_TOOLCHAIN = /^(\d+\.\d+\.\d+|nightly-\d{4}-\d{2}-\d{2})$/;
const EXACT_VERSION = /^(@[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+$/;

export function problemsInWorkflows() {
  return ourFiles()
    .filter((name) => WORKFLOW.test(name))
    .flatMap((name) => problemsInWorkflow(textOf(name)).map((problem) => `${name}: ${problem}`));
}

/** Returns one line for everything in a workflow's text that is not pinned. */
export function problemsInWorkflow(text) {
  return [...floatingActions(text), ...stepsOf(text).flatMap((step) => [...floatingTools(step), ...uncheckedDownloads(step)])];
}

function floatingActions(text) {
  const used = [...text.matchAll(/^\s*(?:- )?uses: *(.+)$/gm)].map(([, action]) => action.trim());
  return used
    .filter((action) => !action.startsWith('./') && !PINNED_ACTION.test(action))
    .map((action) => `"${action}" is not pinned: write owner/name@<40 hex digits> # v<version>`);
}

// A step, or the head of a job, is everything from one list item to the next.
function stepsOf(text) {
  return text.split(/^\s*- /m);
}

function floatingTools(step) {
  const problems = [];
  for (const [command, name] of step.matchAll(/rustup toolchain install(?: +([^\s-]\S*))?/g)) {
    if (name && !FIXED_TOOLCHAIN.test(name)) problems.push(`\`${command}\` takes a moving toolchain`);
  }
  for (const [command] of step.matchAll(/\b(cargo|npm) install .*$/gm)) {
    const names = command.split(/\s+/).slice(2).filter((word) => !word.startsWith('-'));
    if (!names.every((name) => EXACT_VERSION.test(name))) problems.push(`\`${command}\` needs exact versions`);
    if (command.startsWith('cargo') && !command.includes('--locked')) problems.push(`\`${command}\` needs --locked`);
  }
  return problems;
}

function uncheckedDownloads(step) {
  if (/\|\s*(sudo )?(ba)?sh\b/.test(step)) return ['a step pipes a download into a shell'];
  const downloads = /\b(curl|wget|fetch) .*https:/.test(step);
  return downloads && !/sha256/.test(step) ? ['a step downloads a file without checking its sha256'] : [];
}
