// shmkit ls, stat, keys: what is there.
import fs from 'node:fs';
import path from 'node:path';
import test from 'ava';
import shmkitPackage, { NamedObject, SharedDict, SharedMutex, SharedRing, SharedSemaphore } from 'shmkit';
import { startChild } from '../support/child';
import { json, shell, shmkit } from '../support/cli';
import { makeDict, makeDir } from '../support/dict';

interface Listed {
  kind: string;
  name: string;
  entries?: number;
  processes: number[];
  stale: boolean;
  used?: number;
}

test('ls lists objects of all kinds, and only those of --kind that match the pattern', (t) => {
  const dir = makeDir(t);
  const objects = [SharedDict.create('one', { size: '64kb', dir }), SharedMutex.create('one', { dir }), SharedSemaphore.create('two', 3, { dir })];
  t.teardown(() => objects.forEach((object) => object.close()));
  const names = (...args: string[]) => json<Listed[]>('ls', '--dir', dir, ...args).map(({ kind, name }) => `${kind} ${name}`);
  t.deepEqual(names(), ['dict one', 'mutex one', 'semaphore two']);
  t.deepEqual(names('--kind', 'mutex,semaphore', 't*'), ['semaphore two']);
  t.deepEqual(names('o?e'), ['dict one', 'mutex one']);
});

test('ls knows every kind of object that the package exports', (t) => {
  const { err } = shmkit(['ls', '--kind', 'none']);
  for (const [name, Class] of Object.entries(shmkitPackage)) {
    if (typeof Class !== 'function' || !(Class.prototype instanceof NamedObject) || !name.startsWith('Shared')) continue;
    t.regex(err, new RegExp(`\\b${name.slice('Shared'.length).toLowerCase()}\\b`), name);
  }
});

test('ls prints tab-separated values to a pipe, without headings if asked', (t) => {
  const dir = makeDir(t);
  const dict = SharedDict.create('a', { size: 65_536, dir });
  t.teardown(() => dict.close());
  dict.set('k', 1);
  const { code, out } = shmkit(['ls', '--dir', dir]);
  t.is(code, 0);
  t.is(out, `KIND\tNAME\tSIZE\tENTRIES\tPROCESSES\tSTALE\ndict\ta\t65536\t1\t1\t\n`);
  t.is(shmkit(['ls', '--dir', dir, '--no-headings']).out, 'dict\ta\t65536\t1\t1\t\n');
});

test('ls, prune and rm deal with what a killed owner left', async (t) => {
  const dir = makeDir(t);
  const child = startChild(t, 'object', ['SharedDict', 'create', 'left', JSON.stringify({ dir })]);
  await child.next();
  t.like(json<Listed[]>('ls', '--dir', dir), [{ name: 'left', stale: false, processes: [child.pid] }]);
  const refused = shmkit(['rm', 'left', '--dir', dir]);
  t.is(refused.code, 1);
  t.regex(refused.err, new RegExp(`is open in process ${child.pid}`));
  await child.kill();
  t.like(json<Listed[]>('ls', '--dir', dir), [{ name: 'left', stale: true }]);
  t.like(json('prune', '--dry-run', '--dir', dir), [{ kind: 'dict', name: 'left' }]);
  t.is(json<Listed[]>('ls', '--dir', dir).length, 1);
  t.like(json('prune', '--dir', dir), [{ kind: 'dict', name: 'left' }]);
  t.deepEqual(json('ls', '--dir', dir), []);
});

test('rm removes open objects when forced, and asks for a kind when a name is ambiguous', (t) => {
  const dir = makeDir(t);
  const objects = [SharedDict.create('one', { size: '64kb', dir }), SharedMutex.create('one', { dir })];
  t.teardown(() => objects.forEach((object) => object.close()));
  t.is(shmkit(['rm', 'one', '--force', '--dir', dir]).code, 2);
  t.is(shmkit(['rm', 'one', '--force', '--kind', 'mutex', '--dir', dir]).code, 0);
  t.is(shmkit(['rm', 'one', 'none', '--force', '--dir', dir]).code, 1);
  t.deepEqual(fs.readdirSync(dir).filter((name) => name.includes('.one')), []);
});

test('stat shows the figures of a dictionary and counts as no read', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  dict.get('a');
  dict.get('b');
  const before = dict.stats();
  t.is(shmkit(['get', dict.name, 'a']).out, '1\n');
  t.is(shmkit(['get', dict.name, 'b']).code, 1);
  t.like(json('stat', dict.name, '--kind', 'dict'), { kind: 'dict', entries: 1, sets: 1, hits: before.hits, misses: before.misses, processes: [process.pid] });
  t.regex(shmkit(['stat', dict.name, '--prometheus']).out, new RegExp(`shmkit_sets_total\\{kind="dict",name="${dict.name}"\\} 1\n`));
  t.true(json<unknown[]>('stat', dict.name, '--classes').length > 0);
  // Each process compares the clocks once, in whole milliseconds.
  const since = Date.parse(json<{ since: string }>('stat', dict.name).since);
  t.true(Math.abs(since - dict.stats().since) <= 2, `${since - dict.stats().since} ms apart`);
  t.deepEqual(dict.stats(), before);
});

test('stat --prometheus prints the metrics of all objects, all samples of one together', (t) => {
  const dir = makeDir(t);
  const objects = [SharedDict.create('a', { size: '64kb', dir }), SharedDict.create('b', { size: '64kb', dir }), SharedMutex.create('m', { dir })];
  t.teardown(() => objects.forEach((object) => object.close()));
  (objects[0] as SharedDict).set('key', 'value');
  const { code, out } = shmkit(['stat', '--prometheus', '--dir', dir]);
  t.is(code, 0);
  const metrics = out.split('\n').slice(0, -1).map((line) => /^(?:# TYPE )?(\w+)/.exec(line)?.[1] ?? '');
  t.deepEqual(metrics.filter((name, at) => name !== metrics[at - 1]).length, new Set(metrics).size);
  t.is(out.match(/^# TYPE shmkit_used_bytes gauge\nshmkit_used_bytes\{kind="dict",name="a"\} \d+\nshmkit_used_bytes\{kind="dict",name="b"\} \d+$/gm)?.length, 1);
  t.regex(out, /^shmkit_class_used_bytes\{kind="dict",name="a",block="\d+"\} [1-9]\d*$/m);
  t.regex(out, /^shmkit_locked\{kind="mutex",name="m"\} 0$/m);
  t.is(shmkit(['stat', '--dir', dir]).code, 2);
});

test('stat shows the figures of rings and semaphores', (t) => {
  const dir = makeDir(t);
  const ring = SharedRing.create('ring', { size: 4096, dir });
  const semaphore = SharedSemaphore.create('sem', 3, { dir });
  t.teardown(() => [ring, semaphore].forEach((object) => object.close()));
  ring.trySend('hello');
  t.like(json('stat', 'ring', '--dir', dir), { kind: 'ring', messages: 1, sent: 1 });
  t.like(json('stat', 'sem', '--dir', dir), { kind: 'semaphore', value: 3 });
});

test('keys filters by prefix, pattern and limit, and tells type, size and time to live', (t) => {
  const dict = makeDict(t);
  dict.setMany([['app:1', 1], ['app:2', 'text'], ['other', null]]);
  dict.expire('app:1', 9999);
  const lines = (...args: string[]) => shmkit(['keys', dict.name, ...args]).out.trim().split('\n').toSorted();
  t.deepEqual(lines(), ['app:1', 'app:2', 'other']);
  t.deepEqual(lines('--prefix', 'app:'), ['app:1', 'app:2']);
  t.deepEqual(lines('--match', '*:2'), ['app:2']);
  t.is(lines('--limit', '2').length, 2);
  t.is(shmkit(['keys', dict.name, '--prefix', 'o', '-0']).out, 'other\0');
  const [long] = lines('--long', '--no-headings', '--prefix', 'app:1');
  t.regex(long ?? '', /^number\t\d+\t99\d\d\.\d+\tapp:1$/);
});

test('a reader that closes its pipe early ends the command quietly with 0', async (t) => {
  const dict = makeDict(t, { size: '16mb' });
  dict.setMany(Array.from({ length: 50_000 }, (_, index) => [`key-${index}-${'x'.repeat(40)}`, 1] as const));
  const { out, err } = await shell(`$SHMKIT keys ${dict.name} | head -n 1; echo "\${PIPESTATUS[0]}"`);
  t.regex(out, /^key-.*\n0\n$/);
  t.is(err, '');
});

test('the command and the inspector load no package other than shmkit', (t) => {
  for (const file of ['cli.js', 'inspector.js']) {
    const source = fs.readFileSync(path.join(path.dirname(require.resolve('shmkit')), 'dist', file), 'utf8');
    const required = [...source.matchAll(/require\("([^"]+)"\)/g)].map((match) => match[1] as string).filter((name) => !/^(node:|\.\/)/.test(name));
    t.deepEqual([...new Set(required)], ['shmkit'], file);
  }
});
