'use strict';
// A loop that only reads must see what another thread writes: no compiler may remove the reads from it.
const { Worker } = require('node:worker_threads');
const { SharedDict } = require('shmkit');

const dict = SharedDict.create(`${process.argv[2]}-spin-${process.pid}`, '64kb');
dict.set('flag', 'before');
for (let round = 0; round < 20; round += 1) spin(20_000);

const writer = new Worker(
  `const { parentPort, workerData } = require('node:worker_threads');
   const dict = require('shmkit').SharedDict.open(workerData);
   parentPort.postMessage('ready');
   setTimeout(() => dict.set('flag', 'after'), 50);`,
  { eval: true, workerData: dict.name },
);
writer.once('message', () => {
  if (!spin(2e9)) throw new Error('the write was never seen');
  writer.once('exit', () => {
    dict.close();
    console.log('works');
  });
});

function spin(most) {
  for (let reads = 0; reads < most; reads += 1) {
    if (dict.get('flag') !== 'before') return true;
  }
  return false;
}
