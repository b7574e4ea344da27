// Namespaces, as in containers: processes with equal pids, shifted clocks, small file systems.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { fixture } from '../support/child';
import { makeDict } from '../support/dict';
import { testAsRoot } from '../support/not-run';
import { showProgress } from '../support/progress';
import { randomSeed } from '../support/random';
import { runOnSmallDisk } from '../support/small-disk';
import { Soak } from '../support/soak';

/** `npm run torture` sets more of them. */
const KILLS = Number(process.env['SHMKIT_STORM_KILLS'] ?? 8);

testAsRoot('storm: processes with the same pid in several pid namespaces steal no lock', async (t) => {
  t.timeout(60_000 + KILLS * 4000);
  const seed = randomSeed(t);
  const inNamespace = ['--pid', '--fork', '--kill-child', '--mount-proc', process.execPath];
  const soak = new Soak(3, seed, { execPath: 'unshare', execArgv: inNamespace });
  const pids = new Set<string>();
  await soak.run(3, KILLS, (line) => {
    showProgress(KILLS > 50, line);
    for (const { run } of soak.lanes) if (run) pids.add(innerPid(run.child.pid));
  });
  await soak.settle();
  t.log(soak.report().join('\n'));
  t.deepEqual(soak.problems, []);
  pids.delete('');
  t.deepEqual([...pids], ['1'], 'all of them are the first process of a namespace');
});

/** Returns the pid of a process's child in the child's own namespace; '' if it is gone. */
function innerPid(pid: number): string {
  try {
    const [inner] = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    const status = fs.readFileSync(`/proc/${inner}/status`, 'utf8');
    return /^NSpid:.*\t(\d+)$/m.exec(status)?.[1] ?? '';
  } catch {
    return '';
  }
}

testAsRoot('open throws ERR_SHM_UNSUPPORTED when the object is of another time namespace', (t) => {
  const dict = makeDict(t);
  const open = (...args: string[]) =>
    spawnSync('unshare', [...args, '--fork', process.execPath, fixture('try-object'), 'SharedDict', 'open', dict.name, '{}'], { encoding: 'utf8' });
  t.is(open('--time', '--boottime', '100000').stdout.trim(), 'ERR_SHM_UNSUPPORTED');
  t.is(open('--pid', '--mount-proc').stdout.trim(), 'ok ok');
});

testAsRoot('SharedDict: all of it stays usable when other programs fill up the file system', (t) => {
  const { stdout, status, signal } = runOnSmallDisk(t, '64m', 'fill-disk');
  t.is(signal, null);
  t.is(status, 0);
  const { refused, message, stored, problems, left } = JSON.parse(stdout) as Record<string, unknown>;
  t.is(refused, 'ERR_SHM_NO_SPACE', String(message));
  t.true(String(message).includes(String(48 * 2 ** 20)), String(message));
  t.true((stored as number) > 30 * 2 ** 20, String(stored));
  t.deepEqual(problems, []);
  t.deepEqual(left, ['shmkit.dict.first']);
});

testAsRoot('mapFile: a write into a hole throws ERR_SHM_NO_SPACE when the file system is full', (t) => {
  const { stdout, status } = runOnSmallDisk(t, '1m', 'write-hole');
  t.is(status, 0);
  t.is(stdout.trim(), 'done ERR_SHM_NO_SPACE ERR_SHM_TRUNCATED');
});
