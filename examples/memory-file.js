// Lines of a file, read through a map: only the lines that are read are copied.
'use strict';
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { mapFile } = require('shmkit');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'log-'));
const log = path.join(folder, 'log');
fs.writeFileSync(log, Array.from({ length: 10_000 }, (_, line) => `${line} ${line % 1000 ? 'ok' : 'slow'}\n`).join(''));

const file = mapFile(log).file();
let slow = 0;
for (const line of file.lines({ encoding: 'latin1' })) if (line.endsWith('slow')) slow += 1;
file.seek('end', -8);
console.log(`${slow} slow requests; the last line is "${file.read('line')}"`);
file.close();
fs.rmSync(folder, { recursive: true });
