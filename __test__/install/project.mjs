// An empty project, into which npm installs without a compiler.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { npmCommand } from '../../scripts/setup/process.mjs';

const COMPILERS = ['cc', 'gcc', 'clang', 'make', 'python3', 'cargo', 'rustc', 'node-gyp'];

/** Returns an environment whose PATH has only Node. */
export function bareEnvironment(folder) {
  const bin = path.join(folder, 'bin');
  fs.mkdirSync(bin, { recursive: true });
  fs.symlinkSync(process.execPath, path.join(bin, 'node'));
  const environment = { PATH: bin, HOME: folder, NO_COLOR: '1' };
  for (const name of COMPILERS) {
    if (spawnSync(name, ['--version'], { env: environment }).error === undefined) throw new Error(`${name} is on the PATH`);
  }
  return environment;
}

/** Creates a project and installs `shmkit` from the registry; returns the names of the installed packages. */
export function install(folder, registry, environment, ...options) {
  makeProject(folder);
  const [node, args] = npmCommand('install', 'shmkit', '--ignore-scripts', '--no-audit', '--no-fund', ...options);
  const result = spawnSync(node, args, { cwd: folder, env: { ...environment, ...npmSettings(folder, registry) }, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`npm install ${options.join(' ')}: ${result.stderr}`);
  return fs.readdirSync(path.join(folder, 'node_modules')).filter((name) => name.startsWith('shmkit')).toSorted();
}

export function makeProject(folder) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), '{"name":"consumer","version":"1.0.0","private":true,"type":"module"}');
}

/** Publishes a tarball to the registry. */
export function publish(tarball, registry, environment, folder) {
  const [node, args] = npmCommand('publish', tarball, '--ignore-scripts');
  const result = spawnSync(node, args, { cwd: folder, env: { ...environment, ...npmSettings(folder, registry) }, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`npm publish ${path.basename(tarball)}: ${result.stderr}`);
}

// The user's own settings must not point npm elsewhere; the registry does not check the token.
function npmSettings(folder, registry) {
  const userconfig = path.join(folder, '.npmrc-test');
  fs.writeFileSync(userconfig, `registry=${registry}\n${registry.replace('http:', '')}:_authToken=anonymous\n`);
  return { npm_config_userconfig: userconfig, npm_config_globalconfig: '/dev/null', npm_config_cache: path.join(folder, '.npm'), npm_config_update_notifier: 'false' };
}
