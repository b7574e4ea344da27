// Which package holds the binary of the running system, and why there is none that loads.
import { readFileSync } from 'node:fs';

/** What of package.json the loader reads. */
export interface Manifest {
  version: string;
  /** Written when the package is packed for publication; a checkout has none. */
  optionalDependencies?: Record<string, string>;
}

/** The running system as the binaries name it: `linux-x64-gnu`, `darwin-arm64`, `win32-x64-msvc`. */
export function platformName(): string {
  const { platform, arch } = process;
  if (platform === 'linux') return `linux-${arch}-${isMusl() ? 'musl' : 'gnu'}`;
  return platform === 'win32' ? `win32-${arch}-msvc` : `${platform}-${arch}`;
}

// The same first question as in the generated loader, so that both look for the same file.
function isMusl(): boolean {
  try {
    return readFileSync('/usr/bin/ldd', 'utf8').includes('musl');
  } catch {
    const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
    return report?.header?.glibcVersionRuntime === undefined;
  }
}

/** One paragraph: what was looked for, what there is, what to do. `cause` is what the loader threw. */
export function explainMissing(manifest: Manifest, cause: unknown): string {
  const name = platformName();
  const here = `${name} (Node.js ${process.version})`;
  const binaries = Object.keys(manifest.optionalDependencies ?? {});
  const wanted = `shmkit-${name}`;
  const refusal = refusalIn(cause);
  if (refusal !== undefined) {
    return `shmkit's binary for ${here} does not load: ${refusal}`;
  }
  if (binaries.length === 0) {
    return `shmkit has no binary for ${here}: this copy was not packed for publication. Build it: npm run build`;
  }
  if (!binaries.includes(wanted)) {
    const systems = binaries.map((binary) => binary.replace('shmkit-', '')).join(', ');
    return `shmkit has no binary for ${here}. There are binaries for ${systems}. Elsewhere it has to be built from its sources`;
  }
  return (
    `shmkit found no binary for ${here}: the optional package ${wanted} is not installed. ` +
    'Install again on this system, without --omit=optional or --no-optional; node_modules copied from another system lacks it, ' +
    'and so may a package-lock.json written on one (remove both, then install)'
  );
}

// What the system's own loader said, as of too old a C library; undefined if no file was found at all.
// The generated loader chains one error for each place where it looked, and keeps only their messages.
function refusalIn(cause: unknown): string | undefined {
  for (let error = cause; error instanceof Error; error = error.cause) {
    if (!error.message.startsWith('Cannot find')) return error.message;
  }
  return undefined;
}
