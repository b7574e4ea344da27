// Prepares wine, with its files in a folder under build.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { run } from '../setup/process.mjs';
import { MINGW } from './libnode.mjs';

export const WINE = '/usr/lib/wine/wine64';
// Rust's standard library gets random bytes from a function of Windows that wine 8 lacks.
const RANDOM = `#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count) { return SystemFunction036(bytes, (ULONG)count); }
`;

/** Creates wine's files if they are missing, and returns the environment to run wine with. */
export function prepareWine(folder) {
  const prefix = path.join(folder, 'wine');
  const env = { WINEPREFIX: prefix, WINEDEBUG: '-all' };
  const system = path.join(prefix, 'drive_c/windows/system32');
  if (!fs.existsSync(path.join(system, 'bcryptprimitives.dll')) || !fs.existsSync(path.join(prefix, 'ready'))) {
    for (const args of [['wineboot', '-i'], ['winecfg', '-v', 'win10']]) {
      spawnSync(WINE, args, { env: { ...process.env, ...env }, stdio: 'ignore', timeout: 300_000 });
    }
    const source = path.join(folder, 'random.c');
    fs.writeFileSync(source, RANDOM);
    run(MINGW, ['-shared', '-O2', '-o', path.join(system, 'bcryptprimitives.dll'), source, '-ladvapi32']);
    fs.writeFileSync(path.join(prefix, 'ready'), '');
  }
  return env;
}
