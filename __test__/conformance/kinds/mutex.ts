import { type MutexGuard, SharedMutex } from 'shmkit';
import { changes, defineKind, reads } from './kind';

/** Tokens are what lasts of a mutex. To read one takes one: this many are more than all reads of a test take. */
const WRITES = 1000;

export const mutex = defineKind<SharedMutex>({
  title: 'SharedMutex',
  Class: SharedMutex,
  prefix: 'shmkit.mutex.',
  create: (name, options) => SharedMutex.create(name, options),
  open: (name, options) => SharedMutex.open(name, options),
  openOrCreate: (name, options) => SharedMutex.openOrCreate(name, options),
  canBeAnonymous: false,
  canGrow: false,
  canReplace: true,
  write: (object) => {
    for (let write = 0; write < WRITES; write += 1) nextToken(object);
  },
  isWritten: (object) => nextToken(object) > WRITES,
  listed: { locked: false },
  listedSize: (bytes) => bytes,
  uses: [
    reads('holder', (object) => object.holder),
    reads('ref', (object) => object.ref()),
    reads('unref', (object) => object.unref()),
    changes('tryLock', (object) => object.tryLock()),
    changes('lock', (object) => object.lock({ timeout: 0 })),
    changes('lockSync', (object) => object.lockSync(0)),
  ],
  allowedWhenClosed: ['ref', 'unref'],
  wait(object) {
    object.tryLock();
    return object.lock();
  },
  mismatches: [],
  refused: [],
});

function nextToken(object: SharedMutex): bigint {
  using guard = object.tryLock() as MutexGuard;
  return guard.token;
}
