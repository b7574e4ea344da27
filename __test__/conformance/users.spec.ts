// Objects and users: an object is used only by its own user, and by users that name its owner in `trustUids`.
import fs from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { type Child, startChild } from '../support/child';
import { makeDir } from '../support/dict';
import { testAsRoot } from '../support/not-run';
import { KINDS } from './kinds';
import type { Kind, Options } from './kinds/kind';
import { closing, create, NAME } from './subject';

const ROOT = 0;
const USER = 12_345;
const OTHER_USER = 23_456;

const REFUSED = /^ERR_SHM_(ACCESS|UNTRUSTED)$/;

/** One process for each user, for all tests. */
const processes = new Map<number, Child>();
const ends: Array<() => Promise<void>> = [];

test.after.always(() => Promise.all(ends.map((end) => end())));

function processOf(uid: number): Child {
  const found = processes.get(uid);
  if (found) return found;
  const user = uid === process.getuid?.() ? {} : { uid, gid: uid };
  const started = startChild({ teardown: (end) => ends.push(end) }, 'try-object', [], user);
  processes.set(uid, started);
  return started;
}

/** What a call of this user came to; then, if it returned an object, what a write to it came to. */
function tryAs(uid: number, kind: Kind, call: string, options: Options): Promise<string> {
  return processOf(uid).ask([kind.title, call, NAME, options]);
}

/** A folder that every user may write to, and where none may remove the files of another, like /dev/shm itself. */
function openDir(t: ExecutionContext<unknown>): string {
  const dir = makeDir(t);
  fs.chmodSync(dir, 0o1777);
  return dir;
}

/** A persistent object that belongs to another user. */
function makeOwnedBy(uid: number, kind: Kind, dir: string, options: Options = {}): string {
  const object = kind.create(NAME, { dir, persist: true, ...options });
  object.close();
  fs.chownSync(object.path, uid, uid);
  return object.path;
}

for (const kind of KINDS) {
  test.serial(`${kind.title}: another process of the same user opens the object and writes`, async (t) => {
    const { object, dir } = create(t, kind, { dir: openDir(t) });
    t.is(await tryAs(process.getuid?.() as number, kind, 'open', { dir }), 'ok ok');
    t.true(await kind.isWritten(object));
  });

  testAsRoot(`${kind.title}: another user gets ERR_SHM_ACCESS when the mode is the default`, async (t) => {
    const { dir } = create(t, kind, { dir: openDir(t) });
    t.regex(await tryAs(USER, kind, 'open', { dir }), REFUSED);
    t.is(await tryAs(USER, kind, 'open', { dir, trustUids: [ROOT] }), 'ERR_SHM_ACCESS');
  });

  testAsRoot(`${kind.title}: another user gets ERR_SHM_UNTRUSTED unless trustUids names the owner`, async (t) => {
    const { object, dir } = create(t, kind, { dir: openDir(t), mode: 0o666 });
    t.is(await tryAs(USER, kind, 'open', { dir }), 'ERR_SHM_UNTRUSTED');
    t.is(await tryAs(USER, kind, 'open', { dir, readOnly: true }), 'ERR_SHM_UNTRUSTED');
    t.is(await tryAs(USER, kind, 'open', { dir, trustUids: [OTHER_USER] }), 'ERR_SHM_UNTRUSTED');
    t.false(await kind.isWritten(object));
    t.is(await tryAs(USER, kind, 'open', { dir, trustUids: [ROOT] }), 'ok ok');
    t.true(await kind.isWritten(object));
  });

  testAsRoot(`${kind.title}: a trusting user without permission to write opens it read-only`, async (t) => {
    const { object, dir } = create(t, kind, { dir: openDir(t), mode: 0o644 });
    t.is(await tryAs(USER, kind, 'open', { dir, trustUids: [ROOT] }), 'ERR_SHM_ACCESS');
    t.is(await tryAs(USER, kind, 'open', { dir, trustUids: [ROOT], readOnly: true }), 'ok ERR_SHM_READONLY');
    t.false(await kind.isWritten(object));
  });

  testAsRoot(`${kind.title}: root trusts no other user unless trustUids says so`, async (t) => {
    const dir = openDir(t);
    makeOwnedBy(USER, kind, dir);
    t.is(await tryAs(ROOT, kind, 'open', { dir }), 'ERR_SHM_UNTRUSTED');
    if (kind.openOrCreate) t.is(await tryAs(ROOT, kind, 'openOrCreate', { dir }), 'ERR_SHM_UNTRUSTED');
    if (kind.canReplace) t.is(await tryAs(ROOT, kind, 'create', { dir, replace: true }), 'ERR_SHM_UNTRUSTED');
    t.deepEqual([kind.Class.list({ dir }), kind.Class.prune({ dir })], [[], []]);
    t.is(await tryAs(ROOT, kind, 'open', { dir, trustUids: [USER] }), 'ok ok');
    t.is(await tryAs(ROOT, kind, 'open', { dir, trustUids: 'any' }), 'ok ok');
    t.deepEqual(kind.Class.list({ dir, trustUids: 'any' }).map(({ name }) => name), [NAME]);
    t.is(await tryAs(USER, kind, 'open', { dir }), 'ok ok');
    t.regex(await tryAs(OTHER_USER, kind, 'open', { dir }), REFUSED);
    t.true(await kind.isWritten(closing(t, kind.open(NAME, { dir, trustUids: [USER] }))));
    t.true(kind.Class.unlink(NAME, { dir, trustUids: 'any' }));
  });

  testAsRoot(`${kind.title}: a name that another user has taken is neither used nor removed`, async (t) => {
    const dir = openDir(t);
    const file = makeOwnedBy(OTHER_USER, kind, dir, { mode: 0o666 });
    const image = fs.readFileSync(file);
    t.is(await tryAs(USER, kind, 'open', { dir }), 'ERR_SHM_UNTRUSTED');
    if (kind.openOrCreate) t.is(await tryAs(USER, kind, 'openOrCreate', { dir }), 'ERR_SHM_UNTRUSTED');
    t.is(await tryAs(USER, kind, 'create', { dir }), 'ERR_SHM_UNTRUSTED');
    if (kind.canReplace) t.is(await tryAs(USER, kind, 'create', { dir, replace: true }), 'ERR_SHM_UNTRUSTED');
    t.regex(await tryAs(USER, kind, 'unlink', { dir }), REFUSED);
    t.is(await tryAs(USER, kind, 'prune', { dir }), '');
    t.true(fs.readFileSync(file).equals(image));
  });

  testAsRoot(`${kind.title}: create throws ERR_SHM_ACCESS when the folder may not be written`, async (t) => {
    const dir = makeDir(t);
    fs.chmodSync(dir, 0o755);
    t.is(await tryAs(USER, kind, 'create', { dir }), 'ERR_SHM_ACCESS');
    if (kind.openOrCreate) t.is(await tryAs(USER, kind, 'openOrCreate', { dir }), 'ERR_SHM_ACCESS');
    t.deepEqual(fs.readdirSync(dir), []);
  });

  testAsRoot(`${kind.title}: create works for a user without privileges under any umask`, async (t) => {
    for (const umask of [0, 0o777]) t.is(await tryAs(USER, kind, 'create', { dir: openDir(t), umask }), 'ok ok');
  });
}
