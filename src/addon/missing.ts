// Explains why no binary could be loaded.
import { messageOf } from './errors.js';

/** The part of package.json that is read here. */
export interface Manifest {
  version: string;
  /** Written when the package is packed for publication; a checkout has none. */
  optionalDependencies?: Record<string, string>;
}

/**
 * Returns one paragraph: what was looked for, what there is, and what to do.
 * `names` are the binaries that would fit, `failures` what loading them threw.
 */
export function explainMissing(names: readonly string[], manifest: Manifest, failures: readonly unknown[]): string {
  const here = `${names.join(' or ')} (Node.js ${process.version})`;
  const published = Object.keys(manifest.optionalDependencies ?? {});
  const wanted = names.map((name) => `shmkit-${name}`);
  const refusal = refusalIn(failures);
  if (refusal !== undefined) {
    return `shmkit's binary for ${here} does not load: ${refusal}`;
  }
  if (published.length === 0) {
    return `shmkit has no binary for ${here}: this copy was not packed for publication. Build it: npm run build`;
  }
  if (!wanted.some((name) => published.includes(name))) {
    const systems = published.map((name) => name.replace('shmkit-', '')).join(', ');
    return `shmkit has no binary for ${here}. There are binaries for ${systems}. On other systems, build it from source`;
  }
  return (
    `shmkit found no binary for ${here}: the optional package ${wanted.join(' or ')} is not installed. ` +
    'Install again on this system, without --omit=optional or --no-optional; node_modules copied from another system lacks it, ' +
    'and so may a package-lock.json written on one (remove both, then install)'
  );
}

// What the system's loader said, for example that the C library is too old; undefined if no file was found at all.
function refusalIn(failures: readonly unknown[]): string | undefined {
  const messages = failures.map(messageOf);
  return messages.find((message) => !message.startsWith('Cannot find'));
}
