// Commands that go over many objects, when some of them cannot be read.
import fs from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { type NamedObject, SharedDict, SharedMutex, SharedRing, SharedSemaphore } from 'shmkit';
import { shmkit } from '../support/cli';
import { makeDir } from '../support/dict';

/** Overwrites a part of an object's header until the test has ended. */
function damageHeader(t: ExecutionContext, { path }: NamedObject, at: number): void {
  const file = fs.openSync(path, 'r+');
  const before = Buffer.alloc(64);
  fs.readSync(file, before, 0, 64, at);
  fs.writeSync(file, Buffer.alloc(64, 0xff), 0, 64, at);
  t.teardown(() => {
    fs.writeSync(file, before, 0, 64, at);
    fs.closeSync(file);
  });
}

/** Makes objects of several kinds. Those named "bad" cannot be read. */
function makeObjects(t: ExecutionContext): string {
  const dir = makeDir(t);
  const make = (name: string) => [SharedDict.create(name, { size: '64kb', dir }), SharedMutex.create(name, { dir }), SharedRing.create(name, { size: 4096, dir }), SharedSemaphore.create(name, 1, { dir })];
  const [bad, good] = [make('bad'), make('good')];
  t.teardown(() => [...bad, ...good].forEach((object) => object.close()));
  bad.forEach((object, index) => damageHeader(t, object, index % 2 === 0 ? 64 : 0));
  return dir;
}

const FAILURES = /^(shmkit: ERR_SHM_(?:CORRUPT|LAYOUT): [^\n]*\w+ "bad"[^\n]*\n)+$/u;

test('stat --prometheus prints the metrics of all objects that can be read, and names the others', (t) => {
  const dir = makeObjects(t);
  const { code, out, err } = shmkit(['stat', '--prometheus', '--dir', dir]);
  t.is(code, 5);
  t.regex(err, FAILURES);
  t.is(err.split('\n').length - 1, 4);
  t.deepEqual(out.match(/^shmkit_stale.*/gm), ['dict', 'mutex', 'ring', 'semaphore'].map((kind) => `shmkit_stale{kind="${kind}",name="good"} 0`));
  t.like(shmkit(['stat', 'bad', '--kind', 'dict', '--prometheus', '--dir', dir]), { code: 5, out: '' });
});

test('check audits all dictionaries that can be read, and names the others', (t) => {
  const dir = makeObjects(t);
  for (const names of [[], ['bad', 'good']]) {
    const { code, out, err } = shmkit(['check', ...names, '--dir', dir]);
    t.is(code, 5);
    t.is(out, 'good\tok\n');
    t.regex(err, FAILURES);
  }
  const { code, out, err } = shmkit(['check', 'none', 'good', '--json', '--dir', dir]);
  t.is(code, 1);
  t.deepEqual(JSON.parse(out), [{ name: 'good', ok: true, problems: [] }]);
  t.regex(err, /^shmkit: ERR_SHM_NOT_FOUND: .*"none"/u);
});

test('ls --long lists all objects, and names those whose figures cannot be read', (t) => {
  const dir = makeObjects(t);
  const { code, out, err } = shmkit(['ls', '--long', '--no-headings', '--dir', dir]);
  t.is(code, 5);
  t.is(out.split('\n').length - 1, 8);
  t.regex(out, /^dict\tgood\t65536\t\d+\t/mu);
  t.regex(err, FAILURES);
  t.like(shmkit(['ls', '--dir', dir]), { code: 0, err: '' });
});

test('top shows objects of which some cannot be read', (t) => {
  const { code, out, err } = shmkit(['top', '--count', '1', '--interval', '1ms', '--json', '--dir', makeObjects(t)]);
  t.is(code, 0);
  t.is(err, '');
  t.is(out.trim().split('\n').length, 8);
});
