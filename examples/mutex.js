'use strict';
// A process dies while it holds a mutex; the next owner gets the mutex and learns that something may be half finished.
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
