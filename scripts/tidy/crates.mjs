// Checks what each crate of the workspace depends on. Dependencies point down the layers, and only the layer that makes system
// calls, or that calls Node-API, depends on the crates for that. Our own crates may depend on any other for their tests.
import { execFileSync } from 'node:child_process';
import { ROOT } from '../setup/process.mjs';

/** Our crates, each with those of our crates that it may depend on. */
const LAYERS = {
  'shmkit-os': [],
  'shmkit-object': ['shmkit-os'],
  'shmkit-dict': ['shmkit-object', 'shmkit-os'],
  'shmkit-primitives': ['shmkit-object', 'shmkit-os'],
  'shmkit-node': ['shmkit-dict', 'shmkit-primitives', 'shmkit-object', 'shmkit-os'],
  // For tests and measurements.
  'shmkit-testkit': ['shmkit-object', 'shmkit-os'],
  'shmkit-gauge': ['shmkit-testkit', 'shmkit-dict', 'shmkit-primitives', 'shmkit-object', 'shmkit-os'],
  'shmkit-torture': ['shmkit-testkit', 'shmkit-dict', 'shmkit-primitives', 'shmkit-object', 'shmkit-os'],
};

/** Outside crates that only some of ours may use, even for tests. Any crate may use the others. */
const RESERVED = {
  // torture traces processes. The tests of object trace processes, mount and set limits to make system calls fail.
  libc: ['shmkit-os', 'shmkit-torture', 'shmkit-object (dev)'],
  // torture shares memory with the processes it traces.
  memmap2: ['shmkit-os', 'shmkit-torture'],
  'windows-sys': ['shmkit-os'],
  napi: ['shmkit-node'],
  'napi-build': ['shmkit-node'],
  'napi-derive': ['shmkit-node'],
  'napi-sys': ['shmkit-node'],
};

export function problemsInCrates() {
  const metadata = execFileSync('cargo', ['metadata', '--no-deps', '--format-version', '1', '--offline'], { cwd: ROOT, maxBuffer: 2 ** 26 });
  return JSON.parse(metadata).packages.flatMap(problemsInCrate);
}

/** Returns one line for each breach in a package of `cargo metadata`. */
export function problemsInCrate({ name, publish, dependencies }) {
  const file = `crates/${name.replace('shmkit-', '')}/Cargo.toml`;
  if (!LAYERS[name]) return [`${file}: scripts/tidy/crates.mjs does not say what ${name} may depend on`];
  const problems = dependencies.filter((dependency) => !isAllowed(name, dependency)).map((dependency) => `${file}: must not depend on ${dependency.name}`);
  // Only npm packages are published.
  if (publish?.length !== 0) problems.push(`${file}: lacks \`publish = false\``);
  return problems;
}

function isAllowed(name, { name: wanted, kind }) {
  if (RESERVED[wanted]) return RESERVED[wanted].includes(name) || (kind === 'dev' && RESERVED[wanted].includes(`${name} (dev)`));
  return !LAYERS[wanted] || kind === 'dev' || LAYERS[name].includes(wanted);
}
