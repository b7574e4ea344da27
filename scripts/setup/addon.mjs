// How the addon is built, everywhere: by the package shmkit-node alone. With other packages of the workspace in one build, Cargo
// would compile the engine with the features that any of them asks for, such as the crash points of the tests.
//   node scripts/setup/addon.mjs <platform> <target>    builds it into npm/<platform>, with the linker of this machine
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { explaining, packageScript, ROOT, run } from './process.mjs';

const PACKAGE = 'shmkit-node';

/** Returns the program and arguments that build the addon into a folder; `cli` is a copy of the napi-rs CLI other than ours. */
export function addonCommand(folder, { cli = packageScript('@napi-rs', 'cli', 'dist', 'cli.js'), flags = [], cargoFlags = [] } = {}) {
  const options = ['--platform', '--release', '--package', PACKAGE, '--output-dir', folder, ...flags];
  // Types are written by hand, and src/addon is the loader: what the CLI would generate is not used.
  const unused = ['--no-js', '--dts', path.join(path.relative(path.join(ROOT, folder), ROOT), 'build/addon.d.ts')];
  const paths = ['--manifest-path', 'crates/node/Cargo.toml', '--package-json-path', 'package.json'];
  return [process.execPath, [cli, 'build', ...options, ...unused, ...paths, '--', '--locked', ...cargoFlags]];
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [platform, target] = process.argv.slice(2);
  explaining(() => run(...addonCommand(`npm/${platform}`, { flags: ['--target', target] })));
}
