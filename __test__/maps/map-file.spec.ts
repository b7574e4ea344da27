import fs from 'node:fs';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { mapFile, pageSize } from 'shmkit';
import { startChild } from '../support/child';
import { makeFile } from '../support/file';
import { throwsArgType, throwsArgument, throwsArgValue, throwsShm } from '../support/throws';

test('mapFile: read and readInto return the bytes of the file', (t) => {
  const map = mapFile(makeFile(t, 'hello, world'));
  t.is(map.size, 12);
  t.is(map.read().toString(), 'hello, world');
  t.is(map.read(7).toString(), 'world');
  t.is(map.read(0, 5).toString(), 'hello');
  t.is(map.read(12).length, 0);
  const target = Buffer.alloc(20, '.');
  t.is(map.readInto(target, 7), 5);
  t.is(target.toString(), 'world...............');
});

test('mapFile: writes through the map are in the file, and those to the file in the map', (t) => {
  const file = makeFile(t, 'hello, world');
  const map = mapFile(file, { access: 'rw' });
  t.is(map.write('HELLO'), 5);
  t.is(map.write(Buffer.from('!'), 11), 1);
  map.flush();
  t.is(fs.readFileSync(file, 'utf8'), 'HELLO, worl!');
  fs.writeFileSync(file, 'J', { flag: 'r+' });
  t.is(map.read(0, 5).toString(), 'JELLO');
});

test('mapFile: another process sees what is written', async (t) => {
  const file = makeFile(t, 'hello, world');
  const map = mapFile(file, { access: 'rw' });
  const child = startChild(t, 'map', [file]);
  await child.next();
  map.write('H');
  t.is(await child.ask(['read', 0, 12]), 'Hello, world');
  await child.ask(['write', 'W', 7]);
  t.is(map.read().toString(), 'Hello, World');
});

test('mapFile: changes of a private map stay in the map', (t) => {
  const file = makeFile(t, 'hello');
  const map = mapFile(file, { access: 'copy' });
  map.write('J');
  t.is(map.read().toString(), 'Jello');
  t.is(fs.readFileSync(file, 'utf8'), 'hello');
  map.advise('dontneed');
  t.is(map.read().toString(), 'Jello');
});

test('mapFile takes a path, a URL, a Buffer, a descriptor and a FileHandle', async (t) => {
  const file = makeFile(t, 'hello');
  const fd = fs.openSync(file, 'r');
  const handle = await fs.promises.open(file, 'r');
  for (const argument of [file, pathToFileURL(file), Buffer.from(file), fd, handle]) {
    t.is(mapFile(argument).read().toString(), 'hello');
  }
  const map = mapFile(fd);
  fs.closeSync(fd);
  await handle.close();
  t.is(map.read().toString(), 'hello');
});

test('mapFile: anonymous memory is zero and can be written', (t) => {
  const map = mapFile(null, { length: 10_000 });
  t.is(map.size, 10_000);
  t.deepEqual(map.read(), Buffer.alloc(10_000));
  t.is(map.write('x', 9999), 1);
  t.is(map.read(9999).toString(), 'x');
  map.flush();
  map.flush({ async: true, offset: 5000, length: 3 });
});

test('mapFile: a map may begin inside the file', (t) => {
  const file = makeFile(t, Buffer.concat([Buffer.alloc(pageSize, 'a'), Buffer.alloc(pageSize, 'b'), Buffer.from('c')]));
  const map = mapFile(file, { access: 'rw', offset: pageSize });
  t.is(map.size, pageSize + 1);
  t.is(map.read(pageSize - 1).toString(), 'bc');
  t.is(mapFile(file, { offset: pageSize, length: 3 }).read().toString(), 'bbb');
  map.write('X');
  t.is(fs.readFileSync(file).subarray(pageSize - 1, pageSize + 2).toString(), 'aXb');
});

test('mapFile: write access creates the file and extends it with zeros', (t) => {
  const file = makeFile(t);
  mapFile(file, { access: 'rw', length: 10 }).write('hello');
  t.is(fs.readFileSync(file, 'latin1'), 'hello\0\0\0\0\0');
  const map = mapFile(file, { access: 'rw', offset: pageSize, length: 5 });
  t.is(fs.statSync(file).size, pageSize + 5);
  t.deepEqual(map.read(), Buffer.alloc(5));
  t.is(mapFile(file, { access: 'rw', length: 3 }).read().toString(), 'hel');
  t.is(fs.statSync(file).size, pageSize + 5);
});

test('mapFile throws ERR_SHM_TOO_SHORT when the file is too short or empty', (t) => {
  const file = makeFile(t, 'hello');
  for (const access of ['r', 'copy'] as const) {
    throwsShm(t, () => mapFile(file, { access, length: 6 }), 'ERR_SHM_TOO_SHORT');
    throwsShm(t, () => mapFile(file, { access, offset: pageSize }), 'ERR_SHM_TOO_SHORT');
  }
  const empty = makeFile(t, '');
  for (const access of ['r', 'rw', 'copy'] as const) throwsShm(t, () => mapFile(empty, { access }), 'ERR_SHM_TOO_SHORT');
  t.is(fs.statSync(file).size, 5);
});

test('mapFile: a read-only map throws ERR_SHM_READONLY when it is written', (t) => {
  const map = mapFile(makeFile(t, 'hello'));
  t.true(map.readOnly);
  throwsShm(t, () => map.write('J'), 'ERR_SHM_READONLY');
  throwsShm(t, () => map.file().write('J'), 'ERR_SHM_READONLY');
});

test('mapFile: ranges past the map throw ERR_OUT_OF_RANGE, and nothing is written', (t) => {
  const map = mapFile(makeFile(t, 'hello'), { access: 'rw' });
  for (const call of [
    () => map.read(6),
    () => map.read(0, 6),
    () => map.read(-1),
    () => map.read(1.5),
    () => map.read(5, 1),
    () => map.readInto(Buffer.alloc(1), 6),
    () => map.write('123', 3),
    () => map.write('', 6),
    () => map.flush({ offset: 3, length: 3 }),
  ]) {
    t.like(t.throws(call, { instanceOf: RangeError }), { code: 'ERR_OUT_OF_RANGE' });
  }
  t.is(map.read().toString(), 'hello');
  t.is(map.write('', 5), 0);
});

test('mapFile: readInto and write take shared memory and views with an offset', (t) => {
  const map = mapFile(makeFile(t, 'hello'), { access: 'rw' });
  const shared = new Uint8Array(new SharedArrayBuffer(8), 2, 4);
  t.is(map.readInto(shared, 1), 4);
  t.is(Buffer.from(shared).toString(), 'ello');
  shared.set([72, 65]);
  t.is(map.write(shared.subarray(0, 2)), 2);
  t.is(map.read().toString(), 'HAllo');
});

test('mapFile: advise takes all hints, and execute makes the memory executable', (t) => {
  const map = mapFile(makeFile(t, 'hello'), { access: 'rw', execute: true, populate: true });
  for (const advice of ['sequential', 'random', 'willneed', 'dontneed'] as const) {
    map.advise(advice);
    t.is(map.read().toString(), 'hello');
  }
  const line = fs.readFileSync('/proc/self/maps', 'utf8').split('\n').find((text) => text.includes('shmkit-test') && text.includes('rwxs'));
  t.truthy(line);
  map.lock();
});

test('mapFile refuses wrong arguments before anything is touched', (t) => {
  const file = makeFile(t);
  const call = (options: unknown) => () => mapFile(file, options as never);
  for (const options of [1, 'r', { access: 1 }, { access: 'rw', length: '1' }, { offset: null }, { execute: 1 }, { populate: 'yes' }]) {
    throwsArgType(t, call(options), JSON.stringify(options));
  }
  for (const options of [{ access: 'w' }, { access: 'toString' }, { offset: 1 }, { offset: -1 }, { length: 0 }, { length: 1.5 }, { length: 2 ** 60 }]) {
    throwsArgValue(t, call(options), JSON.stringify(options));
  }
  for (const argument of [undefined, {}, true, Symbol('s'), { fd: '1' }]) throwsArgType(t, () => mapFile(argument as never));
  throwsArgument(t, () => mapFile(1.5));
  throwsArgType(t, () => mapFile(null));
  throwsArgValue(t, () => mapFile(null, { offset: pageSize, length: 1 }));
  const map = mapFile(null, { length: 5 });
  throwsArgType(t, () => map.write(5 as never));
  throwsArgType(t, () => map.readInto([] as never));
  throwsArgType(t, () => map.advise(1 as never));
  throwsArgValue(t, () => map.advise('never' as never));
  throwsArgType(t, () => Reflect.construct(map.constructor, []));
  t.false(fs.existsSync(file));
});
