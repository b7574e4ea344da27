import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import test from 'ava';
import { SharedDict, ShmError } from 'shmkit';
import { makeDict } from '../support/dict';

test('import and require return the same classes', async (t) => {
  const imported = (await import('shmkit')) as typeof import('shmkit');
  const required = createRequire(__filename)('shmkit') as typeof import('shmkit');
  t.is(imported.SharedDict, required.SharedDict);
  t.is(imported.ShmError, required.ShmError);
  t.is(required.SharedDict, SharedDict);
});

test('import: an ES module gets the classes by name', async (t) => {
  const source = "import { SharedDict, ShmError } from 'shmkit'; export { SharedDict, ShmError };";
  const printed = execFileSync(
    process.execPath,
    ['--input-type=module', '--eval', `${source} console.log(typeof SharedDict, ShmError.prototype instanceof Error)`],
    { encoding: 'utf8' },
  );
  t.is(printed.trim(), 'function true');
});

test('ShmError extends Error', (t) => {
  t.true(ShmError.prototype instanceof Error);
  t.is(Object.getPrototypeOf(ShmError), Error);
});

test('require: package.json is exported', (t) => {
  const manifest = createRequire(__filename)('shmkit/package.json') as { name: string };
  t.is(manifest.name, 'shmkit');
});

test('SharedDict: a handle has its name, path, ownership and state as properties', (t) => {
  const dict = makeDict(t);
  t.is(typeof dict.name, 'string');
  t.true(dict.path.startsWith('/dev/shm/'));
  t.true(dict.owner);
  t.false(dict.closed);
  t.false(dict.readOnly);
  dict.close();
  t.true(dict.closed);
});

test('ShmError has a code, a name and a stack when a call throws it', (t) => {
  const error = t.throws(() => SharedDict.open('test-missing'), { instanceOf: ShmError }) as ShmError;
  t.is(error.code, 'ERR_SHM_NOT_FOUND');
  t.is(error.name, 'ShmError');
  t.true(error.stack?.includes('entry.spec'));
});
