import { SharedSegment, type SegmentCreateOptions } from 'shmkit';
import { changes, defineKind, reads } from './kind';

export const segment = defineKind<SharedSegment>({
  title: 'SharedSegment',
  Class: SharedSegment,
  prefix: 'shmkit.segment.',
  create: (name, options) => SharedSegment.create(name, { size: 8192, ...options } as SegmentCreateOptions),
  open: (name, options) => SharedSegment.open(name, options),
  canBeAnonymous: true,
  canGrow: true,
  canReplace: false,
  write: (object) => void object.write('x'),
  isWritten: (object) => object.size > 0 && object.read(0, 1).toString() === 'x',
  seen: {
    change: (object) => object.write('seen'),
    isSeen: (reader) => reader.read().toString() === 'seen',
  },
  listed: {},
  // The bytes in use, by contract.
  listedSize: () => 1,
  uses: [
    reads('capacity', (object) => object.capacity),
    reads('size', (object) => object.size),
    reads('read', (object) => object.read()),
    reads('readInto', (object) => object.readInto(Buffer.alloc(1))),
    reads('toBuffer', (object) => object.toBuffer()),
    reads('view', (object) => object.view()),
    reads('file', (object) => object.file().read('all')),
    reads('share', (object) => object.share()),
    reads('split', (object) => object.split(0).forEach((part) => part.close())),
    changes('write', (object) => object.write('x')),
    changes('setCapacity', (object) => object.setCapacity(1)),
    changes('append', (object) => object.append('x')),
    changes('trim', (object) => object.trim()),
  ],
  allowedWhenClosed: [],
  mismatches: [],
  refused: [{ size: -1 }, { size: 'big' }, { size: undefined }, { data: 5 }],
});
