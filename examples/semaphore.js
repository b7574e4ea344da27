'use strict';
// Four processes share two permits; one is killed while it holds a permit, and the permit comes back.
const { fork } = require('node:child_process');
const { once } = require('node:events');
const { SharedSemaphore } = require('shmkit');

const NAME = 'example-permits';

async function child(dies) {
  const permits = SharedSemaphore.open(NAME);
  await permits.acquire({ ref: true });
  if (dies) process.kill(process.pid, 'SIGKILL');
  // At most two processes at a time are here.
  permits.release();
}

async function main() {
  const permits = SharedSemaphore.create(NAME, 2, { holders: true });
  const children = [false, true, false, false].map((dies) => fork(__filename, [dies ? 'dies' : 'works']));
  await Promise.all(children.map((one) => once(one, 'exit')));
  console.log(`${children.length} processes, one killed; ${permits.value} of 2 permits are there`);
  permits.close();
}

if (process.argv[2]) void child(process.argv[2] === 'dies');
else void main();
