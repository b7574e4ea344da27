// shmkit top-keys --by reads: what processes sample that were told to.
import { spawnSync } from 'node:child_process';
import test from 'ava';
import { SharedDict } from 'shmkit';
import { json, shmkit } from '../support/cli';
import { makeDir } from '../support/dict';
import { InspectorSession, startInspector } from '../support/inspector';

/** Reads one key most of the time, and others in turn. */
const READER = `
  const { SharedDict } = require('shmkit');
  const dict = SharedDict.open(process.argv[1], { dir: process.argv[2] });
  for (let index = 0; index < 60000; index += 1) {
    if (dict.get('hot') !== 1) process.exit(1);
    if (index % 20 === 0 && dict.getEntry('cold ' + (index % 4)) === undefined) process.exit(2);
    dict.get('missing');
  }`;

function runReader(dict: SharedDict, dir: string, env: NodeJS.ProcessEnv): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, ['-e', READER, dict.name, dir], { env: { ...process.env, ...env }, encoding: 'utf8' });
}

test('top-keys --by reads and the inspector show what sampling processes read most', async (t) => {
  const dir = makeDir(t);
  const dict = SharedDict.create('sampled', { size: '1mb', dir });
  t.teardown(() => dict.close());
  dict.setMany(['hot', 'cold 0', 'cold 1', 'cold 2', 'cold 3'].map((key) => [key, 1] as const));
  t.is(runReader(dict, dir, {}).status, 0);
  t.deepEqual(SharedDict.list({ dir }).map(({ name }) => name), ['sampled']);
  const before = shmkit(['top-keys', 'sampled', '--by', 'reads', '--dir', dir]);
  t.is(before.code, 1);
  t.true(before.err.includes('SHMKIT_SAMPLE_READS=1'));
  const sampling = runReader(dict, dir, { SHMKIT_SAMPLE_READS: '1' });
  t.is(sampling.status, 0);
  t.is(sampling.stderr, '');
  const rows = json<Array<{ key: string; reads: number }>>('top-keys', 'sampled', '--by', 'reads', '--dir', dir);
  t.is(rows[0]?.key, 'hot');
  t.true((rows[0]?.reads ?? 0) > 20_000 && (rows[0]?.reads ?? 0) < 180_000, JSON.stringify(rows));
  t.true(rows.slice(1).every(({ key, reads }) => /^cold \d$/.test(key) && reads < 20_000), JSON.stringify(rows));
  t.regex(shmkit(['top-keys', 'sampled', '--by', 'reads', '--limit', '1', '--dir', dir]).out, /^READS\tKEY\n\d+\thot\n$/);
  const page = await InspectorSession.open(await startInspector(t, '--dir', dir));
  t.like(await page.get('/api/room', { name: 'sampled' }), { reads: [{ key: 'hot' }] });
  t.is(shmkit(['top-keys', 'none', '--by', 'reads', '--dir', dir]).code, 1);
});

test('sampling that cannot store anything warns once, and fails no read', (t) => {
  const dir = makeDir(t);
  const dict = SharedDict.create('sampled', { size: '1mb', dir });
  // Of another program.
  const taken = SharedDict.create('sampled.reads', { size: '64kb', dir });
  t.teardown(() => [dict, taken].forEach((each) => each.close()));
  dict.setMany(['hot', 'cold 0', 'cold 1', 'cold 2', 'cold 3'].map((key) => [key, 1] as const));
  taken.set('hot', 'a text');
  const { status, stderr } = runReader(dict, dir, { SHMKIT_SAMPLE_READS: '1' });
  t.is(status, 0);
  t.is(stderr.split('no longer samples').length, 2, stderr);
});
