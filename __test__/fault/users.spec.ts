import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { SharedDict } from 'shmkit';
import { fixture } from '../support/child';
import { makeDict, makeDir } from '../support/dict';

// Only root can become, and give files to, other users; for anybody else the cases with one user remain.
const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
const SOMEBODY = 12_345;

/** What happens to a user who opens a dictionary: 'ok', or the code of the error; then the same for a write. */
function tryAs(uid: number, name: string, options: object): string {
  const { stdout, stderr } = spawnSync(process.execPath, [fixture('try-open'), name, JSON.stringify(options)], {
    encoding: 'utf8',
    ...(isRoot ? { uid, gid: uid } : {}),
  });
  return stdout.trim() || stderr;
}

function openDir(t: ExecutionContext<unknown>): string {
  const dir = makeDir(t);
  fs.chmodSync(dir, 0o1777);
  return dir;
}

test('the own user may open what it made', (t) => {
  const dir = openDir(t);
  const dict = makeDict(t, { dir });
  t.is(tryAs(process.getuid?.() as number, dict.name, { dir }), 'ok ok');
});

if (isRoot) {
  test("another user's dictionary is refused by the system with the default mode", (t) => {
    const dir = openDir(t);
    const dict = makeDict(t, { dir });
    t.regex(tryAs(SOMEBODY, dict.name, { dir }), /^ERR_SHM_(ACCESS|UNTRUSTED)$/);
    t.is(tryAs(SOMEBODY, dict.name, { dir, trustUids: [0] }), 'ERR_SHM_ACCESS');
  });

  test("another user's dictionary is not trusted, though its mode would allow it", (t) => {
    const dir = openDir(t);
    const dict = makeDict(t, { dir, mode: 0o666 });
    t.is(tryAs(SOMEBODY, dict.name, { dir }), 'ERR_SHM_UNTRUSTED');
    t.is(tryAs(SOMEBODY, dict.name, { dir, trustUids: [NOBODY] }), 'ERR_SHM_UNTRUSTED');
    t.is(tryAs(SOMEBODY, dict.name, { dir, trustUids: [0] }), 'ok ok');
    t.is(dict.get('written'), SOMEBODY);
  });

  test('without permission to write it can be opened for reading', (t) => {
    const dir = openDir(t);
    const dict = makeDict(t, { dir, mode: 0o644 });
    dict.set('a', 1);
    t.is(tryAs(SOMEBODY, dict.name, { dir, trustUids: [0] }), 'ERR_SHM_ACCESS');
    t.is(tryAs(SOMEBODY, dict.name, { dir, trustUids: [0], readOnly: true }), 'ok ERR_SHM_READONLY');
  });

  test("root may attach to any user's dictionary", (t) => {
    const dir = openDir(t);
    const dict = SharedDict.create('theirs', { size: '64kb', dir, persist: true });
    dict.set('a', 'theirs');
    dict.close();
    fs.chownSync(dict.path, SOMEBODY, SOMEBODY);
    t.is(tryAs(0, 'theirs', { dir }), 'ok ok');
    t.is(tryAs(SOMEBODY, 'theirs', { dir }), 'ok ok');
    t.regex(tryAs(NOBODY, 'theirs', { dir }), /^ERR_SHM_(ACCESS|UNTRUSTED)$/);
    const shared = SharedDict.openOrCreate('theirs', { size: '64kb', dir });
    t.is(shared.get('a'), 'theirs');
    shared.close();
  });

  test('a name that another user squats is not used', (t) => {
    const dir = openDir(t);
    const squatted = SharedDict.create('name', { size: '64kb', dir, persist: true, mode: 0o666 });
    squatted.close();
    fs.chownSync(squatted.path, NOBODY, NOBODY);
    t.is(tryAs(SOMEBODY, 'name', { dir }), 'ERR_SHM_UNTRUSTED');
    t.is(tryAs(SOMEBODY, 'name', { dir, call: 'openOrCreate', size: '64kb' }), 'ERR_SHM_UNTRUSTED');
    t.regex(tryAs(SOMEBODY, 'name', { dir, call: 'create', size: '64kb' }), /^ERR_SHM_(UNTRUSTED|EXISTS)$/);
    t.true(fs.existsSync(squatted.path));
  });

  test('a directory without permission to write is an error of access', (t) => {
    const dir = makeDir(t);
    fs.chmodSync(dir, 0o755);
    t.is(tryAs(SOMEBODY, 'name', { dir, call: 'create', size: '64kb' }), 'ERR_SHM_ACCESS');
    t.deepEqual(fs.readdirSync(dir), []);
  });
}
