import { SharedRing } from 'shmkit';
import { changes, defineKind, reads } from './kind';

const size = 8192;

export const ring = defineKind<SharedRing>({
  title: 'SharedRing',
  Class: SharedRing,
  prefix: 'shmkit.ring.',
  create: (name, options) => SharedRing.create(name, { size, ...options }),
  open: (name, options) => SharedRing.open(name, options),
  openOrCreate: (name, options) => SharedRing.openOrCreate(name, { size, ...options }),
  canBeAnonymous: false,
  canGrow: false,
  canReplace: true,
  write: (object) => void object.trySend('x'),
  isWritten: (object) => object.stats().messages > 0,
  seen: {
    change: (object) => object.trySendMany(['x', 'y']),
    isSeen: (reader) => reader.stats().messages === 2,
  },
  listed: { messages: 1 },
  listedSize: (bytes) => bytes,
  uses: [
    reads('stats', (object) => object.stats()),
    reads('ref', (object) => object.ref()),
    reads('unref', (object) => object.unref()),
    reads('readable', (object) => object.readable().destroy()),
    reads('writable', (object) => object.writable().destroy()),
    changes('trySend', (object) => object.trySend('x')),
    changes('trySendMany', (object) => object.trySendMany(['x'])),
    changes('send', (object) => object.send('x', { timeout: 0 })),
    changes('sendSync', (object) => object.sendSync('x', 0)),
    changes('tryReceive', (object) => object.tryReceive()),
    changes('tryReceiveMany', (object) => object.tryReceiveMany(1)),
    changes('tryReceiveInto', (object) => object.tryReceiveInto(Buffer.alloc(1))),
    changes('receive', (object) => object.receive({ timeout: 0 })),
    changes('receiveSync', (object) => object.receiveSync(0)),
    changes('Symbol(Symbol.asyncIterator)', (object) => object[Symbol.asyncIterator]().next()),
  ],
  // Streams and iterators of a closed ring are at their end.
  allowedWhenClosed: ['ref', 'unref', 'readable', 'writable', 'Symbol(Symbol.asyncIterator)'],
  wait: (object) => object.receive(),
  mismatches: [
    { made: { size: 4096 }, asked: { size: 8192 }, fields: ['size'] },
    { made: {}, asked: { wipe: true }, fields: ['wipe'] },
  ],
  refused: [{ wipe: 'on' }, { lock: 1 }, { size: 0 }, { size: -1 }, { size: 'big' }, { size: undefined }],
});
