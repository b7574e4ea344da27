import fs from 'node:fs';
import test from 'ava';
import { alignDown, alignUp, fileSize, pageSize } from 'shmkit';
import { makeFile } from '../support/file';
import { throwsArgument } from '../support/throws';

test('alignUp and alignDown align to pages, also past 32 bits', (t) => {
  t.true(Number.isInteger(Math.log2(pageSize)));
  const cases = [0, 1, pageSize - 1, pageSize, pageSize + 1, 2 ** 33 + 1];
  for (const n of cases) {
    t.is(alignUp(n) % pageSize, 0);
    t.is(alignDown(n) % pageSize, 0);
    t.true(alignUp(n) >= n && alignUp(n) - n < pageSize);
    t.true(alignDown(n) <= n && n - alignDown(n) < pageSize);
  }
  t.is(alignUp(2 ** 33 + 1), 2 ** 33 + pageSize);
  for (const n of [-1, 0.5, NaN, '1', undefined]) {
    throwsArgument(t, () => alignUp(n as never));
    throwsArgument(t, () => alignDown(n as never));
  }
  throwsArgument(t, () => alignUp(Number.MAX_SAFE_INTEGER));
});

test('fileSize returns and sets the size of a file', async (t) => {
  const file = makeFile(t, 'hello');
  t.is(fileSize(file), 5);
  t.is(fileSize(file, 7), 7);
  t.is(fs.readFileSync(file, 'latin1'), 'hello\0\0');
  const handle = await fs.promises.open(file, 'r+');
  t.is(fileSize(handle, 2), 2);
  t.is(fileSize(handle.fd), 2);
  await handle.close();
  t.is(fs.readFileSync(file, 'utf8'), 'he');
  throwsArgument(t, () => fileSize(file, -1));
  throwsArgument(t, () => fileSize({} as never));
});
