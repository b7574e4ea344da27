import { SharedChannel } from 'shmkit';
import { changes, defineKind, reads } from './kind';

const size = 8192;

export const channel = defineKind<SharedChannel>({
  title: 'SharedChannel',
  Class: SharedChannel,
  prefix: 'shmkit.channel.',
  create: (name, options) => SharedChannel.create(name, { size, ...options }),
  open: (name, options) => SharedChannel.open(name, options),
  openOrCreate: (name, options) => SharedChannel.openOrCreate(name, { size, ...options }),
  canBeAnonymous: false,
  canGrow: false,
  canReplace: true,
  write: (object) => void object.post('x'),
  isWritten: (object) => object.stats().posted > 0,
  seen: {
    change: (object) => object.post('x'),
    isSeen: (reader) => reader.stats().posted === 1,
  },
  listed: { messages: 1 },
  listedSize: (bytes) => bytes,
  uses: [
    reads('stats', (object) => object.stats()),
    reads('ref', (object) => object.ref()),
    reads('unref', (object) => object.unref()),
    changes('post', (object) => object.post('x')),
    // A subscriber marks itself as asleep.
    changes('subscribe', (object) => object.subscribe().return?.()),
  ],
  allowedWhenClosed: ['ref', 'unref'],
  mismatches: [{ made: { size: 4096 }, asked: { size: 8192 }, fields: ['size'] }],
  refused: [{ size: 0 }, { size: -1 }, { size: 'big' }, { size: undefined }],
});
