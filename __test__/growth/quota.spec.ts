// A disk quota: the kernel refuses memory although the file system has some.
import { notRun, testAsRoot } from '../support/not-run';
import { runUnderQuota } from '../support/small-disk';

testAsRoot('SharedDict: a dictionary that cannot grow because of a quota says so and goes on', (t) => {
  const run = runUnderQuota(t, '32m', 'grow-into-quota');
  if (!run) return notRun(t, 'needs btrfs, its programs, and a loop device');
  t.is(run.signal, null);
  t.is(run.status, 0, run.stderr);
  const told = JSON.parse(run.stdout) as Record<string, unknown> & { stored: number; more: number };
  t.is(told['code'], 'ERR_SHM_FULL', String(told['message']));
  t.regex(String(told['message']), /a disk quota, or a limit on memory, is used up; delete entries, or raise that limit/);
  t.regex(String(told['again']), /a disk quota/, 'also while the system is not asked');
  t.true(told.stored > 20_000, String(told.stored));
  t.is(told['found'], told.stored);
  t.deepEqual(told['problems'], []);
  t.true(told.more > 20_000, 'it grows again when the quota is raised');
  t.true(told['all'] as boolean);
});
