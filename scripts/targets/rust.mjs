// Finds a Rust that can build for another system: one with the target's standard library, or with the library's source,
// from which Cargo builds it (`-Zbuild-std`, which stable Rust accepts with RUSTC_BOOTSTRAP=1).
import fs from 'node:fs';
import path from 'node:path';
import { outputOf } from '../setup/process.mjs';

// The Rust in the PATH, which may be rustup's, and that of the distribution.
const PLACES = ['', '/usr/bin/'];

/** Returns `{ cargo, env, flags, how, hasClippy }` of a Rust that can build for `target`; undefined if there is none. */
export function rustFor(target) {
  const found = PLACES.map((place) => describe(place, target)).filter((rust) => rust !== undefined);
  return found.find((rust) => rust.flags.length === 0) ?? found[0];
}

function describe(place, target) {
  const sysroot = outputOf(`${place}rustc`, ['--print', 'sysroot']);
  if (sysroot === null) return undefined;
  const library = path.join(sysroot, 'lib/rustlib');
  const hasStd = fs.existsSync(path.join(library, target, 'lib')) && fs.readdirSync(path.join(library, target, 'lib')).some((name) => name.startsWith('libstd-'));
  const hasSource = fs.existsSync(path.join(library, 'src/rust/library/std/Cargo.toml'));
  if (!hasStd && !hasSource) return undefined;
  const env = { ...process.env, ...(place && { RUSTC: `${place}rustc`, CARGO: `${place}cargo`, PATH: `${place}:${process.env.PATH}` }), ...(!hasStd && { RUSTC_BOOTSTRAP: '1' }) };
  return {
    cargo: `${place}cargo`,
    env,
    flags: hasStd ? [] : ['-Zbuild-std=std,panic_unwind'],
    how: hasStd ? 'with its standard library' : 'with a standard library built from source',
    hasClippy: outputOf(`${place}cargo-clippy`, ['--version']) !== null,
    version: outputOf(`${place}rustc`, ['--version']),
  };
}

/** Returns what to install if there is none. */
export function adviceFor(target) {
  return `install it with \`rustup target add ${target}\`, or the source of the standard library with \`rustup component add rust-src\` (Debian: rustc-web cargo-web rust-web-src rust-web-clippy)`;
}
