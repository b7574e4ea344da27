import { SharedSemaphore } from 'shmkit';
import { changes, defineKind, reads } from './kind';

export const semaphore = defineKind<SharedSemaphore>({
  title: 'SharedSemaphore',
  Class: SharedSemaphore,
  prefix: 'shmkit.sem.',
  create: (name, { initial = 0, ...options } = {}) => SharedSemaphore.create(name, initial as number, options),
  open: (name, options) => SharedSemaphore.open(name, options),
  openOrCreate: (name, { initial = 0, ...options } = {}) => SharedSemaphore.openOrCreate(name, initial as number, options),
  canBeAnonymous: false,
  canGrow: false,
  canReplace: true,
  write: (object) => void object.release(),
  isWritten: (object) => object.value > 0,
  seen: {
    change: (object) => object.release(7),
    isSeen: (reader) => reader.value === 7,
  },
  listed: { value: 1 },
  listedSize: (bytes) => bytes,
  uses: [
    reads('value', (object) => object.value),
    reads('holders', (object) => object.holders()),
    reads('reclaimed', (object) => object.reclaimed),
    reads('ref', (object) => object.ref()),
    reads('unref', (object) => object.unref()),
    changes('release', (object) => object.release()),
    changes('tryAcquire', (object) => object.tryAcquire()),
    changes('acquire', (object) => object.acquire({ timeout: 0 })),
    changes('acquireSync', (object) => object.acquireSync(0)),
  ],
  allowedWhenClosed: ['ref', 'unref'],
  wait: (object) => object.acquire({ n: 1000 }),
  mismatches: [
    { made: { initial: 1 }, asked: { initial: 2 }, fields: ['initial'] },
    { made: {}, asked: { holders: true }, fields: ['holders'] },
  ],
  refused: [{ initial: -1 }, { initial: 2 ** 31 }, { initial: '1' }, { initial: 0.5 }, { holders: 1 }],
});
