// How the addon is built: always as the package shmkit-node alone. In one build with other packages of the workspace, Cargo
// would compile the engine with every feature that any of them enables, such as the crash points of the tests.
//   node scripts/setup/addon.mjs <platform> <target>    builds it into npm/<platform>, with this machine's linker
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { explaining, packageScript, ROOT, run } from './process.mjs';

const PACKAGE = 'shmkit-node';

/** Returns the program and its arguments that build the addon into a folder. `cli` selects another copy of the napi-rs CLI. */
export function addonCommand(folder, { cli = packageScript('@napi-rs', 'cli', 'dist', 'cli.js'), flags = [], cargoFlags = [] } = {}) {
  const options = ['--platform', '--release', '--package', PACKAGE, '--output-dir', folder, ...flags];
  // The types are written by hand and the loader is src/addon, so what the CLI generates of these is not used.
  const unused = ['--no-js', '--dts', path.join(path.relative(path.join(ROOT, folder), ROOT), 'build/addon.d.ts')];
  const paths = ['--manifest-path', 'crates/node/Cargo.toml', '--package-json-path', 'package.json'];
  return [process.execPath, [cli, 'build', ...options, ...unused, ...paths, '--', '--locked', ...cargoFlags]];
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [platform, target] = process.argv.slice(2);
  explaining(() => run(...addonCommand(`npm/${platform}`, { flags: ['--target', target] })));
}
