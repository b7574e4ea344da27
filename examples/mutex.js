'use strict';
// A process dies inside a mutex; the next one gets it, and is told that something may be half done.
const { fork } = require('node:child_process');
const { once } = require('node:events');
const { SharedMutex } = require('shmkit');

const NAME = 'example-mutex';

async function child() {
  await SharedMutex.openOrCreate(NAME).lock({ ref: true });
  process.kill(process.pid, 'SIGKILL');
}

async function main() {
  const mutex = SharedMutex.create(NAME);
  await once(fork(__filename, ['child']), 'exit');
  const guard = await mutex.lock({ timeout: 10 });
  console.log(`the owner died: ${guard.ownerDied}; token ${guard.token}`);
  guard.release();
  mutex.close();
}

void (process.argv[2] === 'child' ? child() : main());
