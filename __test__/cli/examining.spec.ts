// shmkit top, top-keys, check, locks, ring, sem, doctor, completion.
import { spawnSync } from 'node:child_process';
import test from 'ava';
import { SharedChannel, SharedLocks, SharedQueue, SharedRing, SharedSemaphore } from 'shmkit';
import { json, shmkit } from '../support/cli';
import { makeDict, makeDir } from '../support/dict';
import { patchFile } from '../support/patch';

test('top prints as many tables as --count says, with rates', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  const { code, out } = shmkit(['top', dict.name, '--count', '2', '--interval', '20ms']);
  t.is(code, 0);
  t.is(out.split(`${dict.name}: 1 entries`).length, 3);
  t.regex(out, /reads\/s +0/);
  const sample = json<{ stats: { sets: number }; rates: { sets: number } }>('top', dict.name, '--count', '1', '--interval', '20ms');
  t.is(sample.stats.sets, 1);
  t.is(sample.rates.sets, 0);
  t.is(shmkit(['top', 'no-such-dictionary', '--count', '1']).code, 1);
  t.is(shmkit(['top', '--count', '1', '--interval', 'soon']).code, 2);
});

test('top-keys ranks keys, and prefixes, by the memory that they take', (t) => {
  const dict = makeDict(t);
  dict.setMany([['a:1', 'x'.repeat(3000)], ['a:2', 'x'], ['b:1', 'x'.repeat(2000)], ['b:2', 'x'.repeat(2000)], ['alone', 1]]);
  const bySize = json<Array<{ key: string; size: number; type: string }>>('top-keys', dict.name, '--limit', '2');
  t.deepEqual(bySize.map(({ key }) => key)[0], 'a:1');
  t.is(bySize.length, 2);
  t.is(bySize[0]?.size, dict.sizeOf('a:1'));
  const byPrefix = json<Array<{ prefix: string; keys: number }>>('top-keys', dict.name, '--by', 'prefix');
  t.deepEqual(byPrefix.map(({ prefix, keys }) => [prefix, keys]), [['b:', 2], ['a:', 2], ['', 1]]);
  t.is(shmkit(['top-keys', dict.name, '--by', 'age']).code, 2);
});

test('check ends with 0 for a sound dictionary and with 1 and the problems for a damaged one', (t) => {
  const dict = makeDict(t);
  dict.set('an unmistakable key', 1);
  t.deepEqual(json('check', dict.name), [{ name: dict.name, ok: true, problems: [] }]);
  patchFile(dict, Buffer.from('an unmistakable key'), Buffer.from('an unmistakable kez'));
  const { code, out } = shmkit(['check', dict.name]);
  t.is(code, 1);
  t.regex(out, new RegExp(`^${dict.name}\t.`));
});

test('locks shows holders and waiters without waiting', async (t) => {
  const locks = SharedLocks.create('cli-locks', { dir: makeDir(t) });
  t.teardown(() => locks.close());
  const dir = locks.path.slice(0, locks.path.lastIndexOf('/'));
  let waiting: Promise<number> | undefined;
  await locks.request('deploy\u001b', () => {
    waiting = locks.request('deploy\u001b', () => 0);
    t.like(json('locks', 'cli-locks', '--dir', dir), { held: [{ name: 'deploy\u001b', mode: 'exclusive', pid: process.pid }], pending: [{ pid: process.pid }] });
    t.false(shmkit(['locks', 'cli-locks', '--dir', dir]).out.includes('\u001b'));
  });
  t.is(await waiting, 0);
});

test('ring, channel, queue and sem show the state and change nothing', (t) => {
  const dir = makeDir(t);
  const ring = SharedRing.create('r', { size: 4096, dir });
  const semaphore = SharedSemaphore.create('s', 2, { dir });
  const channel = SharedChannel.create('c', { size: 4096, dir });
  channel.post('m');
  const queue = SharedQueue.create('q', { size: '64kb', dir });
  queue.push('m');
  t.teardown(() => [ring, channel, queue, semaphore].forEach((object) => object.close()));
  ring.trySend('m');
  t.like(json('ring', 'r', '--dir', dir), { messages: 1, received: 0, processes: [process.pid] });
  t.like(json('sem', 's', '--dir', dir), { value: 2, reclaimed: 0, processes: [process.pid] });
  t.like(json('channel', 'c', '--dir', dir), { messages: 1, posted: 1, processes: [process.pid] });
  t.like(json('queue', 'q', '--dir', dir), { ready: 1, claimed: 0, pushed: 1, processes: [process.pid] });
  t.is(ring.stats().messages, 1);
});

test('ring --peek shows the oldest messages, and leaves them there', (t) => {
  const dir = makeDir(t);
  const ring = SharedRing.create('r', { size: 8192, dir });
  t.teardown(() => ring.close());
  t.is(shmkit(['ring', 'r', '--peek', '--dir', dir]).out, 'BYTES\tMESSAGE\n');
  ring.trySendMany(['first', 'a\u001b[31m\ttab', Buffer.from([0xff, 0]), '', 'x'.repeat(2000)]);
  const { out, code } = shmkit(['ring', 'r', '--peek', '--limit', '4', '--dir', dir]);
  t.is(code, 0);
  t.deepEqual(out.split('\n'), ['BYTES\tMESSAGE', '5\tfirst', '10\ta\\u001b[31m\\ttab', '2\t0xff00', '0\t', '']);
  t.is(shmkit(['ring', 'r', '--peek', '--raw', '--limit', '1', '--dir', dir]).out, 'first');
  const lines = shmkit(['ring', 'r', '--peek', '--json', '--dir', dir]).out.trim().split('\n');
  t.deepEqual(lines.map((line) => JSON.parse(line) as unknown), ['first', 'a\u001b[31m\ttab', { $bytes: '/wA=' }, '', 'x'.repeat(2000)]);
  t.is(ring.stats().messages, 5);
  for (const wrong of [['--peek', '--limit', '0'], ['--peek', '--limit', 'many'], ['--raw']]) t.is(shmkit(['ring', 'r', ...wrong, '--dir', dir]).code, 2, wrong.join(' '));
});

test('queue --claims shows the claims of all processes without claiming', (t) => {
  const dir = makeDir(t);
  const queue = SharedQueue.create('q', { size: '64kb', dir });
  t.teardown(() => queue.close());
  queue.push('value', { id: 'a\njob' });
  t.is(shmkit(['queue', 'q', '--claims', '--dir', dir]).out, 'PID\tSINCE\tATTEMPT\tJOB\n');
  queue.tryClaim();
  t.regex(shmkit(['queue', 'q', '--claims', '--dir', dir]).out, new RegExp(`^PID.*\n${process.pid}\t\\d{4}-.*Z\t1\ta\\\\njob\n$`));
  t.like(json('queue', 'q', '--dir', dir), { claimed: 1, claims: [{ id: 'a\njob', pid: process.pid }] });
  t.like(json('queue', 'q', '--claims', '--dir', dir), [{ id: 'a\njob', attempts: 1 }]);
});

test('doctor names the binary, and tells why none is loaded when that is so', (t) => {
  interface Finding {
    level: string;
    about: string;
    text: string;
    advice?: string;
  }
  const findings = JSON.parse(shmkit(['doctor', '--json', '--dir', makeDir(t)]).out) as Finding[];
  t.regex(findings.find(({ about }) => about === 'binary')?.text ?? '', /\.node$/);
  for (const { level, advice } of findings) t.is(advice !== undefined, level !== 'ok');
  const broken = shmkit(['doctor', '--json'], { env: { NAPI_RS_NATIVE_LIBRARY_PATH: '/nonexistent.node' } });
  t.is(broken.code, 1);
  t.like((JSON.parse(broken.out) as Finding[]).find(({ about }) => about === 'binary'), { level: 'problem' });
  t.is(shmkit(['help'], { env: { NAPI_RS_NATIVE_LIBRARY_PATH: '/nonexistent.node' } }).code, 0);
});

test('completion prints scripts that the shells accept, with all commands', (t) => {
  const { out } = shmkit(['completion', 'bash']);
  t.is(spawnSync('bash', ['-n'], { input: out }).status, 0);
  for (const command of ['ls', 'top-keys', 'doctor']) t.true(out.includes(` ${command}) words=`));
  const completed = spawnSync('bash', ['-c', `${out}\nCOMP_WORDS=(shmkit top-k) COMP_CWORD=1; _shmkit; echo "\${COMPREPLY[*]}"`]);
  t.is(completed.stdout.toString(), 'top-keys\n');
  t.true(shmkit(['completion', 'fish']).out.includes('complete -c shmkit'));
  for (const unknown of ['cmd', 'toString', '__proto__']) t.is(shmkit(['completion', unknown]).code, 2);
});
