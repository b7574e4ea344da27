import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';

const ROOT = path.join(__dirname, '..', '..', '..');
const HERE = (fs.readdirSync(ROOT).find((name) => /^shmkit\..*\.node$/.test(name)) as string).split('.')[1] as string;

/** Copies the package as it would be published for some platforms, without any binary. */
function copyWithout(t: ExecutionContext<unknown>, platforms: string[]): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-missing-'));
  t.teardown(() => fs.rmSync(directory, { recursive: true, force: true }));
  const folder = path.join(directory, 'node_modules', 'shmkit');
  for (const name of ['index.js', 'dist']) fs.cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  const manifest = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as Record<string, unknown>;
  manifest.optionalDependencies = Object.fromEntries(platforms.map((name) => [`shmkit-${name}`, manifest.version]));
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}

function messageOf(folder: string): string {
  const code = "try { require('.'); console.log('loaded') } catch (error) { console.log(error.code + ' ' + error.message) }";
  return spawnSync(process.execPath, ['--eval', code], { cwd: folder, encoding: 'utf8' }).stdout;
}

test("loader: the error names this platform's package when it is missing", (t) => {
  const message = messageOf(copyWithout(t, ['linux-riscv64-gnu', HERE]));
  t.regex(message, new RegExp(`^ERR_SHM_UNSUPPORTED .*${HERE} \\(Node.js ${process.version}\\)`));
  t.regex(message, new RegExp(`shmkit-${HERE} is not installed.*--omit=optional`));
});

test('loader: the error lists the supported platforms when this one is not among them', (t) => {
  const message = messageOf(copyWithout(t, ['linux-riscv64-gnu', 'sunos-x64']));
  t.regex(message, /^ERR_SHM_UNSUPPORTED shmkit has no binary for .*There are binaries for linux-riscv64-gnu, sunos-x64\./);
});

test('loader: the error says to build the addon when the copy is a checkout', (t) => {
  t.regex(messageOf(copyWithout(t, [])), /^ERR_SHM_UNSUPPORTED .*npm run build/);
});

test('loader: the error names the binary and the reason when the system refuses it', (t) => {
  const folder = copyWithout(t, [HERE]);
  fs.writeFileSync(path.join(folder, `shmkit.${HERE}.node`), 'not a binary at all');
  t.regex(messageOf(folder), new RegExp(`^ERR_SHM_UNSUPPORTED shmkit's binary for ${HERE} .*does not load: .*shmkit\\.${HERE}\\.node`));
});
