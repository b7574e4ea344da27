// Types of maps, locks, cursors and the other kinds of objects.
import type { FileHandle } from 'node:fs/promises';
import { alignUp, fileSize, lockFile, lockFileSync, mapFile, mapMirror, MemoryFile, pageSize, SharedRing, SharedSegment, tryLockFile, type FileLock, type MemoryMap } from 'shmkit';
import { expectType } from './expect.test-d.js';

declare const handle: FileHandle;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

const map = mapFile(handle, { access: 'copy', populate: true });
expectType<Same<typeof map, MemoryMap>>();
expectType<Same<ReturnType<typeof map.view>, Uint8Array>>();
mapFile(null, { length: 1 });
mapFile(new URL('file:///x'));
mapFile(3).advise('random');
mapMirror({ size: 1, times: 3, file: 'x' }).flush({ async: true });
// @ts-expect-error There is no such access.
mapFile('x', { access: 'w' });
// @ts-expect-error A mirror has a size.
mapMirror({});
// @ts-expect-error Maps are made by mapFile and mapMirror.
new MemoryMap({});

const locking = lockFile('x', { mode: 'shared', timeout: 1, signal: AbortSignal.abort() });
expectType<Same<Awaited<typeof locking>, FileLock | null>>();
const held = tryLockFile(handle);
expectType<Same<typeof held, FileLock | null>>();
const blocking = lockFileSync(3, { timeout: 1 });
expectType<Same<typeof blocking, FileLock | null>>();
lockFileSync('x', { signal: AbortSignal.abort() });
lockFileSync('x', 0.5);

const file = MemoryFile.from('x');
const read = file.read('line');
expectType<Same<typeof read, Buffer | null>>();
for (const line of file.lines({ encoding: 'utf8' })) line.toUpperCase();
for (const line of file.lines()) line.readUInt8();
file.write('a', Buffer.from('b')).seek('end');
// @ts-expect-error Cursors are made by `from` and `file`.
new MemoryFile();

const sizes: number = alignUp(pageSize) + fileSize('x', 5);
expectType<Same<typeof sizes, number>>();

const segment = SharedSegment.from('x', 10);
segment.append(SharedSegment.open(segment.share(), { readOnly: true }));
const [first] = segment.split(0);
expectType<Same<typeof first, SharedSegment>>();
SharedSegment.create(undefined, { size: '1mb', data: new Uint8Array(1) });
// @ts-expect-error Segments are not replaced.
SharedSegment.create('x', { size: 1, replace: true });
// @ts-expect-error Segments are made by create, from and open.
new SharedSegment();

const ring = SharedRing.create('x', '1mb');
const received = ring.receive({ timeout: 1, ref: false });
expectType<Same<typeof received, Promise<Buffer | null>>>();
const many = ring.tryReceiveMany(9);
expectType<Same<typeof many, Buffer[]>>();
ring.trySendMany(['text', new Uint8Array(1)]);
// @ts-expect-error Only bytes and strings are messages.
ring.trySend({});
const kept = ring.ref();
expectType<Same<typeof kept, SharedRing>>();
ring.ref().unref();
// @ts-expect-error A segment cannot be waited for.
segment.ref();
