// Makes an empty libnode.dll: for the GNU ABI of Windows, the build script of napi-rs requires one to link with. The addon
// looks up Node's functions at run time and uses nothing of it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../setup/process.mjs';

export const MINGW = 'x86_64-w64-mingw32-gcc';

/** Returns the environment that tells the build script where the library is; empty for other targets. */
export function libnodeFor(target) {
  if (target !== 'x86_64-pc-windows-gnu') return {};
  const folder = path.join(ROOT, 'build/cross/libnode');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'empty.c'), 'int shmkit_empty;\n');
  const made = spawnSync(MINGW, ['-shared', '-o', 'libnode.dll', 'empty.c'], { cwd: folder });
  // Type checking links nothing, so any file will do.
  if (made.status !== 0) fs.writeFileSync(path.join(folder, 'libnode.dll'), '');
  return { LIBNODE_PATH: folder };
}
