import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { testOnLinux } from '../support/not-run';

const ROOT = path.join(__dirname, '..', '..', '..');
const ADDON = path.join(ROOT, fs.readdirSync(ROOT).find((name) => /^shmkit\..*\.node$/.test(name)) as string);
const HERE = path.basename(ADDON).split('.')[1] as string;
const VARIABLE = 'NAPI_RS_NATIVE_LIBRARY_PATH';
const LOAD = "try { require('shmkit'); console.log('loaded') } catch (error) { console.log(error.code + ' ' + error.message) }";

/** A project with the package installed in it, without a binary. */
function makeProject(t: ExecutionContext<unknown>): string {
  const project = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-loader-')));
  t.teardown(() => fs.rmSync(project, { recursive: true, force: true }));
  for (const name of ['index.js', 'package.json', 'dist']) {
    fs.cpSync(path.join(ROOT, name), path.join(project, 'node_modules/shmkit', name), { recursive: true });
  }
  const manifest = path.join(project, 'node_modules/shmkit/package.json');
  const optionalDependencies = { 'shmkit-linux-x64-gnu': '0.1.0', 'shmkit-linux-x64-musl': '0.1.0', [`shmkit-${HERE}`]: '0.1.0' };
  fs.writeFileSync(manifest, JSON.stringify({ ...JSON.parse(fs.readFileSync(manifest, 'utf8')), optionalDependencies }));
  return project;
}

/** Puts the addon that was built here into its platform package. */
function installBinary(project: string): void {
  const folder = path.join(project, 'node_modules', `shmkit-${HERE}`);
  fs.cpSync(path.join(ROOT, 'npm', HERE), folder, { recursive: true });
  fs.copyFileSync(ADDON, path.join(folder, path.basename(ADDON)));
}

/** Loads the package in a new process; what it prints. `preload` is code that runs before. */
function load(project: string, environment: Record<string, string> = {}, preload = ''): string {
  fs.writeFileSync(path.join(project, 'preload.cjs'), preload);
  const result = spawnSync(process.execPath, ['--require', './preload.cjs', '--eval', LOAD], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  return result.stdout.trim() || result.stderr;
}

/** Code that makes reads of some files answer with other files; those that are mapped to null cannot be read. */
function redirecting(files: Record<string, string | null>): string {
  return `
    const fs = require('node:fs');
    const files = new Map(Object.entries(${JSON.stringify(files)}));
    for (const name of ['openSync', 'readFileSync']) {
      const real = fs[name];
      fs[name] = (file, ...rest) => {
        if (files.get(file) === null) throw new Error('not readable');
        return real(files.get(file) ?? file, ...rest);
      };
    }`;
}

/** The start of an ELF file that names a dynamic loader. */
function executableFor(interpreter: string): Buffer {
  const bytes = Buffer.alloc(64 + 2 * 56 + interpreter.length + 1);
  bytes.writeUInt32BE(0x7f454c46, 0);
  bytes.set([2, 1, 1], 4);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(2, 56);
  bytes.writeUInt32LE(6, 64);
  bytes.writeUInt32LE(3, 64 + 56);
  bytes.writeBigUInt64LE(BigInt(64 + 2 * 56), 64 + 56 + 8);
  bytes.write(`${interpreter}\0`, 64 + 2 * 56, 'latin1');
  return bytes;
}

/** What the loader looked for where the process's executable and maps are these. */
function platformFor(t: ExecutionContext<unknown>, executable: Buffer | null, maps: string | null): string {
  const project = makeProject(t);
  const write = (name: string, content: Buffer | string | null) => {
    if (content !== null) fs.writeFileSync(path.join(project, name), content);
    return content === null ? null : path.join(project, name);
  };
  const exe = write('exe', executable);
  const preload = redirecting({ '/proc/self/exe': exe, [process.execPath]: exe, '/proc/self/maps': write('maps', maps) });
  const message = load(project, {}, preload);
  return / no binary for (.*?) \(Node\.js/.exec(message)?.[1] ?? message;
}

const GLIBC_MAPS = '7f00-7f01 r-xp 00000000 08:01 1  /usr/bin/node\n7f02-7f03 r-xp 00000000 08:01 2  /usr/lib/libc.so.6\n';

for (const [interpreter, libc] of [
  ['/lib/ld-musl-x86_64.so.1', 'musl'],
  ['/lib64/ld-linux-x86-64.so.2', 'gnu'],
  ['/nix/store/abc-glibc-2.40/lib/ld-linux-x86-64.so.2', 'gnu'],
] as const) {
  testOnLinux(`loader: takes the ${libc} binary when the executable names ${interpreter}`, (t) => {
    t.is(platformFor(t, executableFor(interpreter), null), `linux-${process.arch}-${libc}`);
  });
}

for (const [what, maps, libc] of [
  ['Alpine', '7f00-7f01 r-xp 00000000 08:01 2  /lib/ld-musl-x86_64.so.1\n', 'musl'],
  ["Debian's musl", '7f00-7f01 r-xp 00000000 08:01 2  /usr/lib/x86_64-linux-musl/libc.so\n', 'musl'],
  ['glibc', GLIBC_MAPS, 'gnu'],
  ['an old glibc', GLIBC_MAPS.replace('libc.so.6', 'libc-2.28.so'), 'gnu'],
] as const) {
  testOnLinux(`loader: goes by the mapped libraries of ${what} when the executable names no dynamic loader`, (t) => {
    t.is(platformFor(t, Buffer.from('no ELF file'), maps), `linux-${process.arch}-${libc}`);
  });
}

testOnLinux('loader: tries both C libraries when no file tells which one it is', (t) => {
  t.is(platformFor(t, null, null), `linux-${process.arch}-gnu or linux-${process.arch}-musl`);
  const project = makeProject(t);
  installBinary(project);
  const unreadable = { '/proc/self/exe': null, '/proc/self/maps': null, [process.execPath]: null };
  t.is(load(project, {}, redirecting(unreadable)), 'loaded');
});

test('loader: starts no program, makes no report and asks no DNS', (t) => {
  const project = makeProject(t);
  installBinary(project);
  const preload = `
    const refuse = (what) => () => { console.log('asked for ' + what); throw new Error(what); };
    process.report.getReport = refuse('a report');
    const programs = require('node:child_process');
    for (const name of ['exec', 'execSync', 'execFile', 'execFileSync', 'spawn', 'spawnSync']) programs[name] = refuse(name);
    const dns = require('node:dns');
    for (const name of ['lookup', 'lookupService', 'reverse']) dns[name] = refuse(name);`;
  t.is(load(project, {}, preload), 'loaded');
  t.is(load(project, {}, redirecting({ '/proc/self/exe': null, '/proc/self/maps': null, [process.execPath]: null }) + preload), 'loaded');
});

test('loader: asks for no package that is not published', (t) => {
  const project = makeProject(t);
  for (const name of ['shmkit-linux-riscv64-gnu', 'shmkit-linux-riscv64-musl', 'shmkit-wasm32-wasi']) {
    fs.mkdirSync(path.join(project, 'node_modules', name));
    fs.writeFileSync(path.join(project, 'node_modules', name, 'index.js'), "console.log('a stranger was loaded')");
  }
  const message = load(project, { NAPI_RS_FORCE_WASI: '1' }, "Object.defineProperty(process, 'arch', { value: 'riscv64' });");
  t.regex(message, /^ERR_SHM_UNSUPPORTED shmkit has no binary for .*riscv64/);
});

test('loader: refuses a platform package of another version', (t) => {
  const project = makeProject(t);
  installBinary(project);
  const bundle = path.join(project, 'node_modules/shmkit/dist/shmkit.js');
  const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
  fs.writeFileSync(bundle, fs.readFileSync(bundle, 'utf8').replaceAll(`"${version}"`, '"99.0.0"'));
  t.regex(load(project), new RegExp(`^ERR_SHM_UNSUPPORTED .*${HERE} has version ${version}, and shmkit has 99.0.0: install`));
  t.regex(load(project, { [VARIABLE]: ADDON }), new RegExp(`^ERR_SHM_UNSUPPORTED .*${VARIABLE} names, has version ${version}`));
});

test(`${VARIABLE}: the addon it names is loaded, also relative to the working directory`, (t) => {
  const project = makeProject(t);
  fs.mkdirSync(path.join(project, 'own'));
  fs.copyFileSync(ADDON, path.join(project, 'own', 'addon.node'));
  t.is(load(project, { [VARIABLE]: path.join(project, 'own', 'addon.node') }), 'loaded');
  t.is(load(project, { [VARIABLE]: './own/addon.node' }), 'loaded');
});

test(`${VARIABLE}: an empty value counts as none`, (t) => {
  const project = makeProject(t);
  installBinary(project);
  t.is(load(project, { [VARIABLE]: '' }), 'loaded');
});

test(`${VARIABLE}: JavaScript is never run`, (t) => {
  const project = makeProject(t);
  installBinary(project);
  fs.writeFileSync(path.join(project, 'evil.js'), "console.log('ran')");
  fs.mkdirSync(path.join(project, 'folder.node'));
  fs.writeFileSync(path.join(project, 'folder.node', 'index.js'), "console.log('ran')");
  fs.writeFileSync(path.join(project, 'next.node.js'), "console.log('ran')");
  t.regex(load(project, { [VARIABLE]: './evil.js' }), /^ERR_SHM_UNSUPPORTED .*evil\.js, which .* is not a \.node file/);
  for (const name of ['folder.node', 'next.node']) {
    t.regex(load(project, { [VARIABLE]: name }), new RegExp(`^ERR_SHM_UNSUPPORTED .*${name}, which .* is missing, or not a regular file`));
  }
});

test(`${VARIABLE}: a file that is no addon, or not shmkit's, is named in the error`, (t) => {
  const project = makeProject(t);
  installBinary(project);
  fs.writeFileSync(path.join(project, 'text.node'), 'not a binary at all');
  t.regex(load(project, { [VARIABLE]: 'text.node' }), /^ERR_SHM_UNSUPPORTED .*text\.node, which .* does not load: /);
  t.regex(load(project, { [VARIABLE]: foreignAddon() }), /^ERR_SHM_UNSUPPORTED .*\.node, which .* is not an addon of shmkit/);
});

/** The bundler's addon, which is made with napi-rs as ours is. */
function foreignAddon(): string {
  const scope = path.join(ROOT, 'node_modules/@rolldown');
  const files = fs.readdirSync(scope).flatMap((name) => fs.readdirSync(path.join(scope, name)).map((file) => path.join(scope, name, file)));
  return files.find((file) => file.endsWith('.node')) as string;
}
