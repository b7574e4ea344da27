// Random reads of a large file, through a map and with system calls.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { mapFile } from 'shmkit';
import { inTurn, keep } from '../measure.mjs';
import { atMost } from '../rows.mjs';

const BLOCK = 4096;
const READS = 256;
const PATIENT_BYTES = 2 ** 30;
const QUICK_BYTES = 2 ** 26;

export const title = 'Maps: random reads of 4 KiB from a file of 1 GiB (64 MiB with --quick) in the page cache';

export async function run(options) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-bench-'));
  try {
    return await measureIn(path.join(folder, 'file'), options.quick ? QUICK_BYTES : PATIENT_BYTES, options);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

async function measureIn(file, bytes, options) {
  const made = mapFile(file, { access: 'rw', length: bytes });
  const chunk = Buffer.alloc(2 ** 20, 7);
  for (let at = 0; at < bytes; at += chunk.length) made.write(chunk, at);
  made.close();
  const map = mapFile(file);
  const fd = fs.openSync(file);
  const target = Buffer.alloc(BLOCK);
  const places = Array.from({ length: READS }, () => Math.floor(Math.random() * (bytes / BLOCK)) * BLOCK);
  const figures = await inTurn(
    READS,
    {
      'fs.readSync, 4 KiB': () => {
        for (const place of places) keep(fs.readSync(fd, target, 0, BLOCK, place));
      },
      'map.readInto, 4 KiB': () => {
        for (const place of places) keep(map.readInto(target, place));
      },
      'map.read, 4 KiB': () => {
        for (const place of places) keep(map.read(place, BLOCK));
      },
    },
    options,
  );
  fs.closeSync(fd);
  map.close();
  return [
    ...figures.rows(),
    atMost('map.readInto to fs.readSync', figures.ratio('map.readInto, 4 KiB', 'fs.readSync, 4 KiB'), 1, 'x'),
  ];
}
