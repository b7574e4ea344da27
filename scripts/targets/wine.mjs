// Two versions of wine, each with its files in a folder under build. The system's wine 8 lacks some calls of newer versions
// of Windows, so it tests what happens without them; wine 10 has them.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { run, SetupError } from '../setup/process.mjs';
import { canFetch, fetchPackages, SUITE } from './debian.mjs';
import { MINGW } from './libnode.mjs';

export const WINE = '/usr/lib/wine/wine64';
// What wine 10 needs of its own Debian: its C library, and a library for Windows that `user32.dll` uses.
const WINE_10 = ['wine64', 'libwine', 'libc6', 'libunwind8', 'liblzma5', 'libgcc-s1', 'libz-mingw-w64'];
// Rust's standard library gets random bytes from a function of Windows that wine 8 lacks.
const RANDOM = `#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count) { return SystemFunction036(bytes, (ULONG)count); }
`;

/** Creates the files of the system's wine if they are missing, and returns its program and the environment to run it with. */
export function prepareWine8(folder) {
  return prepare(WINE, path.join(folder, 'wine'), (system) => {
    const source = path.join(folder, 'random.c');
    fs.writeFileSync(source, RANDOM);
    run(MINGW, ['-shared', '-O2', '-o', path.join(system, 'bcryptprimitives.dll'), source, '-ladvapi32']);
  });
}

/** Fetches wine 10 if it is missing, creates its files, and returns its program and the environment to run it with. */
export function prepareWine10(folder) {
  const target = path.join(folder, 'wine-10');
  return prepare(fetchWine10(target), path.join(folder, 'wine-10-files'), (system) => fs.copyFileSync(zlibOf(target), path.join(system, 'zlib1.dll')));
}

// `user32.dll` uses it, which the setup needs, and almost every program. Without it they hang, or end without a word.
const zlibOf = (target) => path.join(target, 'usr/x86_64-w64-mingw32/lib/zlib1.dll');

function prepare(program, prefix, complete) {
  const env = { WINEPREFIX: prefix, WINEDEBUG: '-all' };
  const ready = path.join(prefix, 'ready');
  if (!fs.existsSync(ready)) {
    const setUp = (...args) => spawnSync(program, args, { env: { ...process.env, ...env }, stdio: 'ignore', timeout: 300_000 });
    setUp('wineboot', '-i');
    complete(path.join(prefix, 'drive_c/windows/system32'));
    setUp('winecfg', '-v', 'win10');
    fs.writeFileSync(ready, '');
  }
  return { env, program };
}

// The programs are told where the unpacked loader and libraries are, because wine starts itself again.
function fetchWine10(target) {
  const programs = path.join(target, 'usr/lib/wine');
  const ready = path.join(target, 'ready');
  if (fs.existsSync(ready) && fs.readFileSync(ready, 'utf8') === target) return path.join(programs, 'wine64');
  if (!canFetch()) throw new SetupError(`wine 10 comes from Debian ${SUITE}, for which this machine has no package source`);
  fs.rmSync(target, { recursive: true, force: true });
  fetchPackages(WINE_10, path.join(target, 'apt'), target);
  for (const name of ['wine64', 'wineserver64']) {
    const loader = ['--set-interpreter', path.join(target, 'usr/lib64/ld-linux-x86-64.so.2')];
    const libraries = ['--set-rpath', '$ORIGIN/../x86_64-linux-gnu', '--force-rpath'];
    run('patchelf', [...loader, ...libraries, path.join(programs, name)]);
  }
  const script = path.join(programs, 'wineserver');
  fs.writeFileSync(script, fs.readFileSync(script, 'utf8').replaceAll('=/usr/lib/wine/', `=${programs}/`));
  fs.copyFileSync(zlibOf(target), path.join(target, 'usr/lib/x86_64-linux-gnu/wine/x86_64-windows/zlib1.dll'));
  fs.writeFileSync(ready, target);
  return path.join(programs, 'wine64');
}
