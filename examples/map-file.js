// A table of fixed-size records in a file, changed in place, and a mirrored ring whose records are always contiguous.
'use strict';
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { mapFile, mapMirror } = require('shmkit');

const RECORD = 64;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'table-'));
const file = path.join(folder, 'table');

// Write access creates the file with the requested length.
const table = mapFile(file, { access: 'rw', length: 1000 * RECORD });
table.write('Ada', 7 * RECORD);
table.flush();
console.log(`record 7 in the file: ${fs.readFileSync(file).subarray(7 * RECORD, 7 * RECORD + 3)}`);
table.close();

// Bytes that run past the end of the first copy of the ring also appear at its start.
const ring = mapMirror({ size: 4096 });
ring.write('wraps around', ring.size - 5);
console.log(`at the start of the ring: "${ring.read(0, 7)}"; whole: "${ring.read(ring.size - 5, 12)}"`);
ring.close();
fs.rmSync(folder, { recursive: true });
