import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'ava';

const ROOT = path.join(__dirname, '..', '..', '..');
const manifest = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  exports: Record<string, { types: string; default: string } | string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
};
const SUBPATHS = Object.keys(manifest.exports).flatMap((key) => (key.startsWith('./') && key !== './package.json' ? [key.slice(2)] : []));
/** Adapters that derive from a class of their framework, and so load it. */
const NEEDED_PEERS: Record<string, string> = {
  'prom-client': 'prom-client',
  'rate-limiter-flexible': 'rate-limiter-flexible',
  'socket.io': 'socket.io-adapter',
};

/** Runs a program where only shmkit is installed, and returns what it prints. */
function run(program: string): string {
  return execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: ROOT, encoding: 'utf8' }).trim();
}

for (const subpath of SUBPATHS) {
  const peer = NEEDED_PEERS[subpath];
  if (peer === undefined) {
    test(`subpaths: shmkit/${subpath} loads no framework and no other adapter`, (t) => {
      const loaded = run(`
        import { createRequire } from 'node:module';
        const require = createRequire(process.cwd() + '/');
        require('shmkit/${subpath}');
        console.log(JSON.stringify(Object.keys(require.cache)));`);
      const files = (JSON.parse(loaded) as string[]).map((file) => path.relative(ROOT, file));
      t.deepEqual(files.filter((file) => file.startsWith('node_modules') || file.includes('adapters')), [path.join('dist', 'adapters', `${subpath}.js`)]);
    });
  } else {
    test(`subpaths: shmkit/${subpath} names ${peer} when that is not installed`, (t) => {
      const message = run(`import('shmkit/${subpath}').catch(({ code, message }) => console.log(code, message));`);
      t.is(message, `MODULE_NOT_FOUND shmkit/${subpath} needs the package ${peer}, which is not installed here: npm install ${peer}`);
    });
  }
}

test('subpaths: a default export is what require returns, and has the names as well', (t) => {
  const printed = run(`
    import Keyv, { KeyvShmStore } from 'shmkit/keyv';
    import Handler, { cacheHandler, createCacheHandler } from 'shmkit/next';
    import handlers, { createCacheHandlers } from 'shmkit/next-use-cache';
    import driver from 'shmkit/unstorage';
    console.log(Keyv === KeyvShmStore, Handler === cacheHandler, typeof createCacheHandler, typeof handlers.get, typeof createCacheHandlers, typeof driver);`);
  t.is(printed, 'true true function function function function');
});

test('subpaths: every peer is optional', (t) => {
  t.deepEqual(Object.keys(manifest.peerDependenciesMeta), Object.keys(manifest.peerDependencies));
  t.true(Object.values(manifest.peerDependenciesMeta).every(({ optional }) => optional));
});
