// The package under fake clocks and timers.
import test from 'ava';
import { startChild } from '../support/child';
import { makeFile } from '../support/file';
import { uniqueName } from '../support/dict';

const EXPECTED = {
  acquire: false,
  acquireSync: false,
  lock: 'null',
  lockSync: 'null',
  receive: 'null',
  receiveSync: 'null',
  send: false,
  sendSync: false,
  lockFile: 'null',
  lockFileSync: 'null',
  claim: 'null',
  delayed: 'delayed',
  waitFor: 'null',
  getOrSet: 'ERR_SHM_TIMEOUT',
  next: 'heard',
  request: 'granted',
  expiry: 'gone',
};

for (const [how, when] of [['realm', 'in a realm whose clocks stand still'], ['later', 'when clocks and timers are replaced after loading']] as const) {
  test(`waits: end in time ${when}`, async (t) => {
    const child = startChild(t, 'faked-clocks', [how, uniqueName(), makeFile(t, 'x')]);
    const results = await child.next<Record<string, [unknown, number]>>();
    t.deepEqual(Object.fromEntries(Object.entries(results).map(([title, [outcome]]) => [title, outcome])), EXPECTED);
    for (const [title, [, seconds]] of Object.entries(results)) {
      t.true(title === 'request' || title === 'next' || seconds >= 0.04, `${title}: ${seconds} s`);
      t.true(seconds < 5, `${title}: ${seconds} s`);
    }
    t.is(await child.exited, 0);
  });
}
