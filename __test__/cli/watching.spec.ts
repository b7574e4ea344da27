// shmkit watch: changes as they happen.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { SharedDict } from 'shmkit';
import { shell, shmkit } from '../support/cli';
import { until } from '../support/clock';
import { makeDict, makeDir } from '../support/dict';
import { testAsRoot } from '../support/not-run';

const COMMAND = path.join(path.dirname(require.resolve('shmkit')), 'dist', 'cli.js');

interface Watching {
  readonly process: ChildProcess;
  readonly lines: () => string[];
  /** Settles with the exit code. */
  readonly ended: Promise<number | null>;
}

/** Starts `shmkit watch` and waits until it watches. */
function watch(t: ExecutionContext, ...args: string[]): Promise<Watching> {
  return start(t, 'watch', ...args);
}

/** Starts a command that watches, and waits until it does. */
async function start(t: ExecutionContext, ...args: string[]): Promise<Watching> {
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  t.teardown(() => child.kill('SIGKILL'));
  const texts = { out: '', err: '' };
  child.stdout.on('data', (data) => (texts.out += String(data)));
  child.stderr.on('data', (data) => (texts.err += String(data)));
  await until(() => texts.err.includes('watching') || child.exitCode !== null);
  if (!texts.err.includes('watching')) throw new Error(texts.err);
  return { process: child, lines: () => texts.out.split('\n').slice(0, -1), ended };
}

test('watch prints a tab-separated line for each change, and ends at an interrupt with 130', async (t) => {
  const dict = makeDict(t);
  const { process: child, lines, ended } = await watch(t, dict.name);
  dict.set('a\tb', 1);
  dict.delete('a\tb');
  dict.clear();
  await until(() => lines().length === 4);
  child.kill('SIGINT');
  t.is(await ended, 130);
  t.is(lines()[0], 'TIME\tCHANGE\tVERSION\tMISSED\tKEY');
  const rows = lines().slice(1).map((line) => line.split('\t').slice(1));
  t.deepEqual(rows.map(([change, , missed, key]) => [change, missed, key]), [['set', '', String.raw`a\tb`], ['delete', '', String.raw`a\tb`], ['clear', '', '']]);
  t.regex(rows[0]?.[1] ?? '', /^\d+$/);
  t.deepEqual(dict.stats().processes, 1);
});

function keysOf({ lines }: Watching): string[] {
  return lines().map((line) => (JSON.parse(line) as { key: string }).key);
}

test('watch tells only one key, or keys with a prefix, as JSON and up to a number of changes', async (t) => {
  const dict = makeDict(t);
  const one = await watch(t, dict.name, 'ab', '--json', '--count', '1');
  const some = await watch(t, dict.name, '--prefix', 'ab', '--json', '--count', '2');
  dict.setMany([['abc', 1], ['b', 2], ['ab', 3]]);
  t.deepEqual(await Promise.all([one.ended, some.ended]), [0, 0]);
  t.deepEqual(keysOf(one), ['ab']);
  t.deepEqual(keysOf(some).toSorted(), ['ab', 'abc']);
});

test('watch tells how many changes it missed when it is slower than the writers', async (t) => {
  const dict = makeDict(t, { feed: 4096, size: '256kb' });
  const { process: child, lines, ended } = await watch(t, dict.name, '--json');
  child.kill('SIGSTOP');
  for (let index = 0; index < 50_000; index += 1) dict.set('key', index);
  child.kill('SIGCONT');
  const changes = () => lines().map((line) => JSON.parse(line) as { type: string; missed?: number });
  const missed = () => changes().reduce((sum, change) => sum + (change.missed ?? 0), 0);
  await until(() => missed() + changes().filter(({ type }) => type === 'set').length === 50_000);
  t.true(missed() > 0);
  child.kill('SIGTERM');
  t.is(await ended, 130);
});

test('watch ends after --for, and runs a command that finds the change in its environment', async (t) => {
  const dict = makeDict(t);
  t.is(shmkit(['watch', dict.name, '--for', '10ms', '-q', '--no-headings']).out, '');
  const { lines, ended } = await watch(t, dict.name, '--no-headings', '--count', '1', '--exec', 'echo "$SHMKIT_CHANGE of $SHMKIT_KEY"');
  dict.set('$(id) "', 1);
  t.is(await ended, 0);
  t.is(lines().at(-1), 'set of $(id) "');
});

test('watch says that it needs a dictionary with a feed', (t) => {
  const without = makeDict(t, { feed: 0 });
  const refused = shmkit(['watch', without.name]);
  t.is(refused.code, 3);
  t.regex(refused.err, /^shmkit: ERR_SHM_UNSUPPORTED: .*feed/m);
  t.is(shmkit(['watch', 'missing', '--dir', makeDir(t)]).code, 1);
});

testAsRoot('watch says that it needs the permission to write', async (t) => {
  const dir = makeDir(t);
  const dict = SharedDict.create('public', { size: '64kb', dir, mode: 0o644 });
  t.teardown(() => dict.close());
  fs.chownSync(dict.path, 65_534, 65_534);
  const { out } = await shell(`setpriv --bounding-set=-dac_override $SHMKIT watch public --dir ${dir} --trust any 2>&1`);
  t.regex(out, /permission to write/);
});

test('top-keys --by writes counts the changes of each key while it listens', async (t) => {
  const dict = makeDict(t);
  const counting = await start(t, 'top-keys', dict.name, '--by', 'writes', '--for', '2s', '--json', '--limit', '2');
  for (let index = 0; index < 30; index += 1) dict.set(['hot', 'warm', 'hot', 'cold'][index % 4] as string, index);
  t.is(await counting.ended, 0);
  t.deepEqual(JSON.parse(counting.lines().join('')), [{ key: 'hot', count: 15, error: 0 }, { key: 'warm', count: 8, error: 0 }]);
});

test('misses tells that a dictionary with room for all keys would miss none', async (t) => {
  const dict = makeDict(t, { size: '512kb', onFull: 'evict', feed: '128kb' });
  const keys = Array.from({ length: 3000 }, (_, index) => `key ${index}`);
  let at = 0;
  const readNext = () => {
    const key = keys[(at += 1) % keys.length] as string;
    if (dict.get(key) === undefined) dict.set(key, 'x'.repeat(200));
  };
  keys.forEach(readNext);
  const estimating = await start(t, 'misses', dict.name, '--for', '2s', '--json');
  const timer = setInterval(() => keys.slice(0, 300).forEach(readNext), 10);
  t.is(await estimating.ended, 0);
  clearInterval(timer);
  const estimates = JSON.parse(estimating.lines().join('')) as Array<{ size: number; hitRatio: number; isAtLeast: boolean }>;
  const [now, ...larger] = estimates.map(({ hitRatio }) => hitRatio);
  t.true(dict.stats().entries < keys.length / 1.5);
  t.true((now ?? 1) < 0.7, String(now));
  t.true((larger.at(-1) ?? 0) > 0.95, String(larger));
  t.deepEqual(larger, larger.toSorted((a, b) => a - b));
});
