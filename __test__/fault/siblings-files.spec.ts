// What may lie under the name of any named object, and who may open it. Dictionaries have tests of their own.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { type NamedObject, SharedLocks, SharedMutex, SharedRing, SharedSegment, SharedSemaphore } from 'shmkit';
import { makeDir } from '../support/dict';
import { throwsShm } from '../support/throws';

interface Options {
  dir: string;
  mode?: number;
  persist?: boolean;
  readOnly?: boolean;
}

interface Kind {
  create(name: string, options: Options): NamedObject;
  open(name: string, options: Options): NamedObject;
  openOrCreate(name: string, options: Options): NamedObject;
  /** Changes something, in every way. */
  changes(object: never): Array<() => unknown>;
}

const size = 8192;

const kinds: Record<string, Kind> = {
  segment: {
    create: (name, options) => SharedSegment.create(name, { size, ...options }),
    open: (name, options) => SharedSegment.open(name, options),
    openOrCreate: (name, options) => SharedSegment.open(name, options),
    changes: (segment: SharedSegment) => [
      () => segment.write('x'),
      () => segment.append('x'),
      () => segment.setCapacity(1),
      () => segment.trim(),
    ],
  },
  semaphore: {
    create: (name, options) => SharedSemaphore.create(name, 1, { holders: true, ...options }),
    open: (name, options) => SharedSemaphore.open(name, options),
    openOrCreate: (name, options) => SharedSemaphore.openOrCreate(name, 1, options),
    changes: (semaphore: SharedSemaphore) => [() => semaphore.release(), () => semaphore.tryAcquire(), () => semaphore.acquireSync(0)],
  },
  mutex: {
    create: (name, options) => SharedMutex.create(name, options),
    open: (name, options) => SharedMutex.open(name, options),
    openOrCreate: (name, options) => SharedMutex.openOrCreate(name, options),
    changes: (mutex: SharedMutex) => [() => mutex.tryLock(), () => mutex.lockSync(0)],
  },
  locks: {
    create: (name, options) => SharedLocks.create(name, options),
    open: (name, options) => SharedLocks.open(name, options),
    openOrCreate: (name, options) => SharedLocks.openOrCreate(name, options),
    changes: () => [],
  },
  ring: {
    create: (name, options) => SharedRing.create(name, { size, ...options }),
    open: (name, options) => SharedRing.open(name, options),
    openOrCreate: (name, options) => SharedRing.openOrCreate(name, { size, ...options }),
    changes: (ring: SharedRing) => [
      () => ring.trySend('x'),
      () => ring.trySendMany(['x']),
      () => ring.sendSync('x', 0),
      () => ring.tryReceive(),
    ],
  },
};

/** The file of an object that nobody has open. */
function makeImage(kind: Kind, dir: string): { file: string; image: Buffer } {
  const object = kind.create('name', { dir, persist: true });
  object.close();
  return { file: object.path, image: fs.readFileSync(object.path) };
}

/** The memory of a segment is mapped once it is needed. */
function use(object: NamedObject): void {
  try {
    if (object instanceof SharedSegment) object.read();
  } finally {
    object.close();
  }
}

for (const [title, kind] of Object.entries(kinds)) {
  test(`bad names are refused before anything else: ${title}`, (t) => {
    const dir = path.join(makeDir(t), 'missing');
    for (const name of ['', '.', '..', '../x', 'a/b', 'a\0b', 'x'.repeat(300), '\u{1F600}', 'a ', '-a']) {
      for (const call of [kind.create, kind.open, kind.openOrCreate]) throwsShm(t, () => call(name, { dir }), 'ERR_SHM_INVALID_NAME');
    }
  });

  test(`what is no file of one's own under the name is not trusted: ${title}`, (t) => {
    const dir = makeDir(t);
    const { file, image } = makeImage(kind, dir);
    const makers: Array<() => void> = [
      () => {
        fs.writeFileSync(path.join(dir, 'target'), image, { mode: 0o600 });
        fs.symlinkSync(path.join(dir, 'target'), file);
      },
      () => execFileSync('mkfifo', [file]),
      () => fs.mkdirSync(file),
    ];
    for (const make of makers) {
      fs.rmSync(file, { recursive: true });
      make();
      for (const call of [kind.open, kind.openOrCreate]) throwsShm(t, () => call('name', { dir }), 'ERR_SHM_UNTRUSTED');
      throwsShm(t, () => kind.create('name', { dir }), ['ERR_SHM_UNTRUSTED', 'ERR_SHM_EXISTS']);
    }
  });

  test(`files of something else, of another kind, and cut ones are refused: ${title}`, (t) => {
    const dir = makeDir(t);
    const { file, image } = makeImage(kind, dir);
    const others = Object.values(kinds).filter((other) => other !== kind).map((other) => makeImage(other, makeDir(t)).image);
    for (const content of [Buffer.alloc(0), Buffer.alloc(image.length), Buffer.alloc(image.length, 'text'), ...others]) {
      fs.writeFileSync(file, content);
      throwsShm(t, () => kind.open('name', { dir }), 'ERR_SHM_LAYOUT');
    }
    for (const length of [1, 63, 511, 4096, image.length - 1]) {
      fs.writeFileSync(file, image.subarray(0, length));
      throwsShm(t, () => use(kind.open('name', { dir })), ['ERR_SHM_LAYOUT', 'ERR_SHM_CORRUPT', 'ERR_SHM_TRUNCATED']);
    }
    fs.writeFileSync(file, image);
    kind.open('name', { dir }).close();
  });

  test(`permissions are those asked for, whatever the umask, and private by default: ${title}`, (t) => {
    const dir = makeDir(t);
    const before = process.umask(0o777);
    try {
      for (const mode of [undefined, 0o640]) {
        using object = kind.create('name', { dir, ...(mode && { mode }) });
        t.is(fs.statSync(object.path).mode & 0o777, mode ?? 0o600);
      }
    } finally {
      process.umask(before);
    }
  });

  test(`a handle for looking only changes nothing, and says so: ${title}`, (t) => {
    const dir = makeDir(t);
    using object = kind.create('name', { dir });
    using looking = kind.open('name', { dir, readOnly: true });
    const before = fs.readFileSync(object.path);
    for (const change of kind.changes(looking as never)) throwsShm(t, change, 'ERR_SHM_READONLY');
    t.true(fs.readFileSync(object.path).equals(before));
  });

  test(`a folder that is missing is named: ${title}`, (t) => {
    const dir = path.join(makeDir(t), 'missing');
    t.true(throwsShm(t, () => kind.create('name', { dir }), ['ERR_SHM_NOT_FOUND', 'ERR_SHM_UNSUPPORTED']).message.includes(dir));
  });
}
