// Finds out what a built addon requires of the systems it is to run on, and whether that is too much.
import fs from 'node:fs';
import path from 'node:path';
import { hasCrashPoints } from './crash-points.mjs';
import { readElf } from './elf.mjs';
import { functionsAfter, newestVersionIn } from './node-api.mjs';

/** Electron 21 and Node.js 16 provide it. */
const NODE_API = 8;
/** The requirement of Node.js' own binaries for older systems: RHEL 7 has it, and everything since. */
const GLIBC = [2, 17];

/** Returns `{ facts, problems }` for one addon, both as lines of text. */
export function inspect(file) {
  const bytes = fs.readFileSync(file);
  const problems = functionsAfter(NODE_API, bytes).map((name) => `${name} is newer than Node-API ${NODE_API}`);
  if (hasCrashPoints(bytes)) problems.push('contains the crash points of the tests');
  const facts = [`Node-API ${newestVersionIn(bytes)}`];
  const elf = path.basename(file).includes('linux') ? readElf(bytes) : undefined;
  if (elf) {
    const newest = newestGlibc(elf.versions);
    facts.push(`${elf.arch}`, newest ? `glibc ${newest.join('.')}` : 'no glibc', `needs ${elf.libraries.join(' ')}`);
    problems.push(...problemsOfLinux(path.basename(file), elf, newest));
  }
  return { facts, problems };
}

function problemsOfLinux(name, elf, newest) {
  const problems = [];
  if (!name.includes(`-${elf.arch}-`)) problems.push(`is built for ${elf.arch}`);
  if (name.includes('-musl') && newest) problems.push('requires glibc');
  if (name.includes('-gnu') && newest && isAbove(newest, GLIBC)) problems.push(`requires glibc ${newest.join('.')}, above ${GLIBC.join('.')}`);
  return problems;
}

function newestGlibc(versions) {
  return versions
    .map(({ version }) => /^GLIBC_(\d+)\.(\d+)/.exec(version))
    .filter((match) => match !== null)
    .map(([, major, minor]) => [Number(major), Number(minor)])
    .toSorted(([a, b], [c, d]) => c - a || d - b)[0];
}

function isAbove([major, minor], [limitMajor, limitMinor]) {
  return major > limitMajor || (major === limitMajor && minor > limitMinor);
}
