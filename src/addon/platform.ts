// The platforms that have a binary, and which of them this process runs on.
import { libcOfProcess } from './libc.js';

/** Returns the names of the binaries that can fit this process, such as `linux-x64-gnu`: two where the C library is unknown. */
export function platformNames(): readonly string[] {
  const { platform, arch } = process;
  if (platform === 'win32') return [`win32-${arch}-msvc`];
  if (platform !== 'linux') return [`${platform}-${arch}`];
  const libc = libcOfProcess();
  const abis = libc === undefined ? ['gnu', 'musl'] : [libc === 'musl' ? 'musl' : 'gnu'];
  return abis.map((abi) => `linux-${arch}-${abi}`);
}

/**
 * Returns the addon of a platform's package; `undefined` where there is no such package or it fails to load, and then puts the
 * error into `failures`. Each call is spelled out: bundlers and tracers see the packages, and no name is ever asked for that this
 * project does not publish. Inside `try`, esbuild takes a missing package for an optional one.
 */
export function requirePackage(name: string, failures: unknown[]): unknown {
  try {
    switch (name) {
      case 'linux-x64-gnu':
        return require('shmkit-linux-x64-gnu');
      case 'linux-x64-musl':
        return require('shmkit-linux-x64-musl');
      case 'linux-arm64-gnu':
        return require('shmkit-linux-arm64-gnu');
      case 'linux-arm64-musl':
        return require('shmkit-linux-arm64-musl');
      case 'darwin-x64':
        return require('shmkit-darwin-x64');
      case 'darwin-arm64':
        return require('shmkit-darwin-arm64');
      case 'win32-x64-msvc':
        return require('shmkit-win32-x64-msvc');
      case 'win32-arm64-msvc':
        return require('shmkit-win32-arm64-msvc');
      case 'freebsd-x64':
        return require('shmkit-freebsd-x64');
      default:
        return undefined;
    }
  } catch (error) {
    failures.push(error);
    return undefined;
  }
}
