'use strict';
// The Web Locks API across processes: readers share the lock, a writer has it alone.
const { fork } = require('node:child_process');
const { once } = require('node:events');
const { SharedLocks } = require('shmkit');

const NAME = 'example-locks';

function child() {
  const locks = SharedLocks.open(NAME);
  return locks.request('config', { mode: 'shared', ref: true }, async () => {
    process.send('reading');
    await once(process, 'message');
    process.disconnect();
  });
}

async function main() {
  const locks = SharedLocks.create(NAME);
  const readers = [1, 2, 3].map(() => fork(__filename, ['child']));
  await Promise.all(readers.map((reader) => once(reader, 'message')));
  const writing = locks.request('config', () => 'wrote alone');
  const { held, pending } = locks.query();
  for (const reader of readers) reader.send('go on');
  console.log(`${held.length} readers, ${pending.length} writer waiting; it ${await writing}`);
  locks.close();
}

void (process.argv[2] === 'child' ? child() : main());
