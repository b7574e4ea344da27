// How to call Cargo to build for a platform of platforms.mjs.
import path from 'node:path';
import { ROOT } from '../setup/process.mjs';
import { libnodeFor } from './libnode.mjs';
import { rustFor } from './rust.mjs';

/** Returns `{ program, build, flags, env, folder, how }`: `build` is the subcommand that builds, `folder` contains the result. */
export function cargoFor({ target, cargo }) {
  const rust = rustFor(target);
  const folder = path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target'), 'cross');
  const { program, build, env } = cargo?.(rust) ?? { program: rust.cargo, build: 'build', env: rust.env };
  return { program, build, flags: rust.flags, env: { ...env, ...libnodeFor(target), CARGO_TARGET_DIR: folder }, folder, how: rust.how };
}
