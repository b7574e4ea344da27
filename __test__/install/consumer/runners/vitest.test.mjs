// For Vitest, which fakes the clocks and timers of Node itself.
import * as shmkit from 'shmkit';
import { expect, test, vi } from 'vitest';
import { expected, useAll } from './uses.cjs';

test('every class works', async () => {
  expect(await useAll(shmkit, `vitest-plain-${process.pid}`)).toEqual(expected);
});

test('every class works under fake timers', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate', 'Date', 'performance', 'hrtime'] });
  expect(await useAll(shmkit, `vitest-fake-${process.pid}`)).toEqual(expected);
  vi.useRealTimers();
});
