// A counter in a plain file: a lock around reading and writing it preserves the increments of every process.
'use strict';
const { fork } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { lockFile } = require('shmkit');

const PROCESSES = 3;
const TIMES = 50;

async function increment(file) {
  const lock = await lockFile(file, { ref: true });
  fs.writeFileSync(file, String(Number(fs.readFileSync(file, 'utf8')) + 1));
  lock.release();
}

async function preside() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'counter-'));
  const file = path.join(folder, 'counter');
  fs.writeFileSync(file, '0');
  await Promise.all(Array.from({ length: PROCESSES }, () => once(fork(__filename, [file]), 'exit')));
  console.log(`${PROCESSES} processes counted to ${fs.readFileSync(file, 'utf8')}`);
  fs.rmSync(folder, { recursive: true });
}

async function count(file) {
  for (let time = 0; time < TIMES; time += 1) await increment(file);
}

const [, , file] = process.argv;
void (file ? count(file) : preside());
