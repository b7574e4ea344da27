// Checks what must be installed on the machine before anything can be built.
import { outputOf, SetupError } from './process.mjs';

const MINIMUM_NODE = [20, 19];
const MINIMUM_RUST = [1, 88];

/** Throws a SetupError that says what to do if Node.js is too old for development. */
export function checkNode() {
  if (isOlder(versionIn(process.versions.node), MINIMUM_NODE)) {
    throw new SetupError(
      `Node ${process.versions.node} is too old: building and testing need ${MINIMUM_NODE.join('.')} or newer (https://nodejs.org)`,
    );
  }
}

/** Throws a SetupError that says what to do if Rust is missing or too old. */
export function checkRust() {
  const minimum = MINIMUM_RUST.join('.');
  for (const tool of ['rustc', 'cargo']) {
    const version = outputOf(tool, ['--version']);
    if (version === null) {
      throw new SetupError(`${tool} was not found: install Rust ${minimum} or newer from https://rustup.rs, open a new shell, and run this again`);
    }
    if (isOlder(versionIn(version), MINIMUM_RUST)) {
      throw new SetupError(`${version} is too old: Rust ${minimum} or newer is needed; \`rustup update stable\` brings it (https://rustup.rs)`);
    }
  }
}

function versionIn(text) {
  const match = /(\d+)\.(\d+)/.exec(text);
  return match ? [Number(match[1]), Number(match[2])] : [0, 0];
}

function isOlder([major, minor], [wantedMajor, wantedMinor]) {
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}
