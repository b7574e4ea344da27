// What a peer with write access may do to the file while it is mapped.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import test from 'ava';
import { SharedDict } from 'shmkit';
import { callRemote, startChild } from '../support/child';
import { makeDict, makeDir } from '../support/dict';
import { seeded } from '../support/random';
import { throwsShm } from '../support/throws';

const SIZE = 1 << 20;
const PAGE = 4096;

test('SharedDict: calls return or throw when a peer punches holes into the file', async (t) => {
  const random = seeded(t);
  const codes = new Set<string>();
  for (let round = 0; round < 4; round += 1) {
    const dict = makeDict(t, { size: SIZE, checksums: true, lockTimeout: 0.2 });
    for (let index = 0; index < 200; index += 1) dict.set(`k${index}`, `${index}`.repeat(200));
    const child = startChild(t, 'remote-dict', [dict.name, '{"lockTimeout":0.2}']);
    await callRemote(child, 'get', 'k0');
    // The first hole is the superblock alone.
    const [from, length] = round === 0 ? [0, PAGE] : [random(SIZE / PAGE) * PAGE, (1 + random(SIZE / PAGE)) * PAGE];
    execFileSync('fallocate', ['--punch-hole', '--offset', String(from), '--length', String(Math.min(length, SIZE - from)), dict.path]);
    for (let index = 0; index < 200; index += 10) {
      const value = await callRemote(child, 'get', `k${index}`);
      if (value !== undefined && value !== `${index}`.repeat(200)) codes.add(codeOf(value));
    }
    for (const call of [['set', 'k1', 'new'], ['incr', 'n', 1, { init: 0 }], ['verify'], ['getKeys'], ['clear'], ['set', 'k2', 'new']]) {
      const [method, ...args] = call as [string, ...unknown[]];
      const outcome = await callRemote(child, method, ...args);
      if (typeof outcome === 'object' && outcome !== null && 'thrown' in outcome) codes.add(codeOf(outcome));
    }
    await child.kill();
  }
  t.log([...codes].join(' '));
  t.true([...codes].every((code) => code.startsWith('ERR_SHM_')), [...codes].join(' '));
});

function codeOf(outcome: unknown): string {
  return String((outcome as { thrown?: string }).thrown ?? `a value that was never written: ${JSON.stringify(outcome)?.slice(0, 60)}`);
}

test('SharedDict: a truncated file ends its users by SIGBUS, and open refuses it', async (t) => {
  const dir = makeDir(t);
  for (const length of [0, 100, PAGE]) {
    const dict = SharedDict.openOrCreate('name', { size: SIZE, dir });
    dict.set('k', 'v');
    const path = dict.path;
    dict.close();
    const child = startChild(t, 'remote-dict', ['name', JSON.stringify({ dir })]);
    t.is(await callRemote(child, 'get', 'k'), 'v');
    fs.truncateSync(path, length);
    child.process.send(['verify']);
    t.is(await child.exited, 'SIGBUS', `${length}`);
    throwsShm(t, () => SharedDict.open('name', { dir }), ['ERR_SHM_LAYOUT', 'ERR_SHM_CORRUPT', 'ERR_SHM_TRUNCATED']);
    t.true(SharedDict.unlink('name', { dir }));
  }
});
