import { SharedLocks } from 'shmkit';
import { changes, defineKind, reads } from './kind';

/** Tokens are what lasts of a table. To read one takes one: this many are more than all reads of a test take. */
const WRITES = 100;

export const locks = defineKind<SharedLocks>({
  title: 'SharedLocks',
  Class: SharedLocks,
  prefix: 'shmkit.locks.',
  create: (name, options) => SharedLocks.create(name, options),
  open: (name, options) => SharedLocks.open(name, options),
  openOrCreate: (name, options) => SharedLocks.openOrCreate(name, options),
  canBeAnonymous: false,
  canGrow: false,
  canReplace: true,
  async write(object) {
    for (let write = 0; write < WRITES; write += 1) await nextToken(object);
  },
  isWritten: async (object) => (await nextToken(object)) > WRITES,
  seen: {
    change: (object) => void object.request('a', () => new Promise(() => {})).catch(() => undefined),
    isSeen: (reader) => reader.query().held.length === 1,
  },
  listed: { requests: 0 },
  listedSize: (bytes) => bytes,
  uses: [
    reads('query', (object) => object.query()),
    reads('ref', (object) => object.ref()),
    reads('unref', (object) => object.unref()),
    changes('request', (object) => object.request('a', { ifAvailable: true }, () => {})),
  ],
  allowedWhenClosed: ['ref', 'unref'],
  async wait(object) {
    await object.request('a', { ifAvailable: true }, () => object.request('a', () => {}));
  },
  mismatches: [{ made: { capacity: 2 }, asked: { capacity: 3 }, fields: ['capacity'] }],
  refused: [{ capacity: 0 }, { capacity: '2' }, { capacity: 1.5 }],
});

async function nextToken(object: SharedLocks): Promise<bigint> {
  return object.request('a', { ifAvailable: true }, (lock) => lock?.token ?? 0n);
}
