'use strict';
// For Jest, which runs it in a realm of its own and, with --detectLeaks, fails if that realm is not collected afterwards.
const { useAll, expected } = require('./uses.cjs');

const name = (what) => `jest-${what}-${process.pid}`;

test('every class works', async () => {
  expect(await useAll(require('shmkit'), name('plain'))).toEqual(expected);
});

test('every class works under fake timers', async () => {
  jest.useFakeTimers();
  expect(await useAll(require('shmkit'), name('fake'))).toEqual(expected);
  jest.useRealTimers();
});

test('every class works once more after the modules were reset', async () => {
  const before = require('shmkit');
  jest.resetModules();
  const after = require('shmkit');
  expect(after.SharedDict).not.toBe(before.SharedDict);
  expect(await useAll(after, name('second'))).toEqual(expected);
  expect(await useAll(before, name('first'))).toEqual(expected);
});

test('an object that is left open is collected with the realm', () => {
  const { SharedDict } = require('shmkit');
  const dict = SharedDict.create(name('open'), '64kb');
  dict.set('a', { b: 1 });
  for (let round = 0; round < 3; round += 1) dict.get('a');
  expect(() => dict.rpush('a', 1)).toThrow('list');
});
