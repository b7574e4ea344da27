import test from 'ava';
import { mapFile, MemoryFile } from 'shmkit';
import { throwsArgType, throwsArgument, throwsArgValue, throwsShm } from '../support/throws';

test('MemoryFile: read returns bytes, lines or the rest from the position, null at the end', (t) => {
  const file = MemoryFile.from('one\ntwo\n\nthree, and more');
  t.is(file.size, 24);
  t.is(String(file.read(2)), 'on');
  t.is(file.position, 2);
  t.is(String(file.read('line')), 'e');
  t.is(String(file.read('line')), 'two');
  t.is(String(file.read('line')), '');
  t.is(String(file.read('all')), 'three, and more');
  for (const what of ['all', 'line', 1, 0] as const) t.is(file.read(what), null);
  t.is(file.position, file.size);
});

test('MemoryFile: read returns what is left when the count is larger', (t) => {
  const file = MemoryFile.from(Buffer.from('abc'));
  t.is(file.read(0)?.length, 0);
  t.is(String(file.read(100)), 'abc');
  t.is(file.read(100), null);
});

test('MemoryFile: lines yields buffers or strings, with or without line ends', (t) => {
  const text = 'one\ntwo\n\nthree';
  t.deepEqual([...MemoryFile.from(text).lines({ encoding: 'utf8' })], ['one', 'two', '', 'three']);
  t.deepEqual([...MemoryFile.from(text).lines({ keepEnd: true, encoding: 'utf8' })], ['one\n', 'two\n', '\n', 'three']);
  t.deepEqual([...MemoryFile.from(text).lines()], ['one', 'two', '', 'three'].map((line) => Buffer.from(line)));
  t.deepEqual([...MemoryFile.from(`${text}\n`).lines({ encoding: 'latin1' })], ['one', 'two', '', 'three']);
  t.deepEqual([...MemoryFile.from('').lines()], []);
});

test('MemoryFile: lines of any length are whole', (t) => {
  const lengths = [0, 1, 255, 256, 257, 1300, 100_000, 0, 300_000];
  const map = mapFile(null, { length: lengths.reduce((sum, length) => sum + length + 1, 0) });
  const file = map.file();
  for (const length of lengths) file.write('x'.repeat(length), '\n');
  file.seek('set');
  t.deepEqual([...file.lines()].map((line) => line.length), lengths);
});

test('MemoryFile: iterating over lines moves the position, and can be resumed', (t) => {
  const file = MemoryFile.from('one\ntwo\nthree\n');
  for (const line of file.lines({ encoding: 'utf8' })) if (line === 'two') break;
  t.is(file.position, 8);
  t.deepEqual([...file.lines({ encoding: 'utf8' })], ['three']);
});

test('MemoryFile: seek sets the position from the start, itself or the end', (t) => {
  const file = MemoryFile.from('0123456789');
  t.is(file.seek('set', 4), 4);
  t.is(file.seek('cur', -1), 3);
  t.is(file.seek('cur'), 3);
  t.is(file.seek(), 3);
  t.is(file.seek('end', -2), 8);
  t.is(String(file.read('all')), '89');
  t.is(file.seek('end'), 10);
  for (const [whence, offset] of [['set', -1], ['end', 1], ['cur', 1], ['set', 1.5], ['start', 0]] as const) {
    throwsArgValue(t, () => file.seek(whence as never, offset));
  }
  throwsArgType(t, () => file.seek('set', '1' as never));
  throwsArgType(t, () => file.seek(1 as never));
  t.is(file.position, 10);
});

test('MemoryFile: write appends chunks at the position, and never past the end', (t) => {
  const map = mapFile(null, { length: 10 });
  const file = map.file();
  t.is(file.write('ab', Buffer.from('cd'), new Uint8Array([101])), file);
  t.is(file.position, 5);
  t.is(map.read(0, 6).toString('latin1'), 'abcde\0');
  t.like(t.throws(() => file.write('123', '456'), { instanceOf: RangeError }), { code: 'ERR_OUT_OF_RANGE' });
  t.is(file.position, 5);
  t.is(map.read().toString('latin1'), 'abcde\0\0\0\0\0');
  file.write('12345').write();
  t.is(file.position, 10);
  throwsArgType(t, () => file.write(1 as never));
});

test('MemoryFile: one over given bytes is read-only', (t) => {
  for (const file of [MemoryFile.from('abc'), MemoryFile.from(Buffer.from('abc')), MemoryFile.from(new Uint8Array(3))]) {
    throwsShm(t, () => file.write('x'), 'ERR_SHM_READONLY');
    t.is(file.read('all')?.length, 3);
  }
});

test('MemoryFile: close is idempotent, and every other call then throws ERR_SHM_CLOSED', (t) => {
  const file = MemoryFile.from('abc');
  const lines = file.lines();
  t.false(file.closed);
  file[Symbol.dispose]();
  file.close();
  t.true(file.closed);
  for (const call of [() => file.read(1), () => file.read('line'), () => file.seek('set'), () => file.write('x'), () => file.lines(), () => file.size, () => lines.next()]) {
    throwsShm(t, call, 'ERR_SHM_CLOSED');
  }
});

test('MemoryFile refuses wrong arguments', (t) => {
  const file = MemoryFile.from('abc');
  for (const what of [-1, 1.5, NaN, 'everything', undefined, null, {}]) throwsArgument(t, () => file.read(what as never));
  throwsArgument(t, () => file.lines({ encoding: 'klingon' as never }));
  throwsArgument(t, () => file.lines({ keepEnd: 1 as never }));
  for (const data of [undefined, 1, {}, [1]]) throwsArgType(t, () => MemoryFile.from(data as never));
  t.is(file.position, 0);
});
