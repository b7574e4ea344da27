// The files of this repository: those that git tracks or would track.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../setup/process.mjs';

/** Returns the paths of all files from the root, with forward slashes. */
export function ourFiles() {
  const listing = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return listing.split('\0').filter((name) => name !== '' && fs.existsSync(path.join(ROOT, name)));
}

/** Returns a file's text, or '' if it does not exist. */
export function textOf(name) {
  try {
    return fs.readFileSync(path.join(ROOT, name), 'utf8');
  } catch {
    return '';
  }
}
