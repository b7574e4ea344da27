import { SharedQueue } from 'shmkit';
import { changes, defineKind, reads } from './kind';

const size = 65_536;

export const queue = defineKind<SharedQueue>({
  title: 'SharedQueue',
  Class: SharedQueue,
  prefix: 'shmkit.queue.',
  create: (name, options) => SharedQueue.create(name, { size, ...options }),
  open: (name, options) => SharedQueue.open(name, options),
  openOrCreate: (name, options) => SharedQueue.openOrCreate(name, { size, ...options }),
  canBeAnonymous: false,
  canGrow: false,
  canReplace: true,
  // A leftover that holds jobs is kept, so what is written is a job that is done.
  write(object) {
    object.push('x');
    object.tryClaim()?.done();
  },
  isWritten: (object) => object.stats().done > 0,
  seen: {
    change: (object) => object.push('x'),
    isSeen: (reader) => reader.stats().ready === 1,
  },
  listed: { jobs: 0 },
  listedSize: (bytes) => bytes,
  uses: [
    reads('stats', (object) => object.stats()),
    reads('ref', (object) => object.ref()),
    reads('unref', (object) => object.unref()),
    // These lock the queue.
    changes('claims', (object) => object.claims()),
    changes('dead', (object) => object.dead()),
    changes('push', (object) => object.push('x')),
    changes('tryClaim', (object) => object.tryClaim()),
    changes('claim', (object) => object.claim({ timeout: 0 })),
    changes('release', (object) => object.release('x')),
    changes('retry', (object) => object.retry('x')),
    changes('discard', (object) => object.discard('x')),
    changes('Symbol(Symbol.asyncIterator)', (object) => object[Symbol.asyncIterator]().next()),
  ],
  // Iterators of a closed queue are at their end.
  allowedWhenClosed: ['ref', 'unref', 'Symbol(Symbol.asyncIterator)'],
  wait: (object) => object.claim(),
  mismatches: [
    { made: { size: 65_536 }, asked: { size: 131_072 }, fields: ['size'] },
    { made: { size: 65_536, maxSize: 1_048_576 }, asked: { size: 65_536, maxSize: 2_097_152 }, fields: ['maxSize'] },
    { made: { maxAttempts: 2 }, asked: { maxAttempts: 3 }, fields: ['maxAttempts'] },
  ],
  refused: [{ size: 0 }, { maxSize: 0 }, { maxSize: 'big' }, { size: 131_072, maxSize: 65_536 }, { size: -1 }, { size: 'big' }, { maxAttempts: 0 }, { maxAttempts: 1.5 }, { maxAttempts: '2' }],
});
