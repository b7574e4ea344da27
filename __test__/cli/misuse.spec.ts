// What newcomers get wrong, and what the surroundings do to a command.
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import test from 'ava';
import { notRun } from '../support/not-run';
import { shell, shmkit } from '../support/cli';
import { makeDict, makeDir } from '../support/dict';

test('load reports a file that is missing or a directory in one line', (t) => {
  const dict = makeDict(t);
  for (const file of ['/nonexistent', makeDir(t)]) {
    const { code, out, err } = shmkit(['load', dict.name, file]);
    t.is(code, 3);
    t.is(out, '');
    t.regex(err, /^shmkit: E(NOENT|ISDIR): [^\n]+\n$/u);
  }
});

test('load says how many entries are stored before one that does not fit', (t) => {
  const dict = makeDict(t, { size: '64kb' });
  const lines = [{ shmkit: 1, name: 'x' }, { k: 'a', v: 1, t: 'number' }, { k: 'b', v: 'x'.repeat(200_000), t: 'string' }, { end: true, entries: 2 }];
  const { code, err } = shmkit(['load', dict.name], { input: lines.map((line) => JSON.stringify(line)).join('\n') });
  t.is(code, 3);
  t.regex(err, /^shmkit: ERR_SHM_TOO_LARGE: .*; 1 entries before it are stored\n$/u);
  t.is(dict.get('a'), 1);
});

test('an option in the wrong place, and a key that starts with a dash, get a hint', (t) => {
  const dict = makeDict(t);
  dict.set('-dash', 'found');
  const misplaced = shmkit(['--json', 'ls']);
  t.is(misplaced.code, 2);
  t.true(misplaced.err.includes('options go after the command'), misplaced.err);
  const dash = shmkit(['get', dict.name, '-dash']);
  t.is(dash.code, 2);
  t.true(dash.err.includes('goes after --'), dash.err);
  t.is(shmkit(['get', dict.name, '--', '-dash']).out, 'found\n');
  t.false(shmkit(['keys', dict.name, '--limi', '1']).err.includes('goes after --'));
  t.is(shmkit(['inspect', '--port', '99999']).code, 2);
});

test('a full device is reported, and a closed standard output or error ends no command badly', async (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  if (!fs.existsSync('/dev/full')) {
    notRun(t, 'there is no /dev/full');
    return;
  }
  const full = await shell(`$SHMKIT keys ${dict.name} > /dev/full`);
  t.is(full.code, 3);
  t.regex(full.err, /^shmkit: ENOSPC: /u);
  t.is((await shell(`$SHMKIT keys ${dict.name} >&-`)).code, 0);
  t.is((await shell(`$SHMKIT get ${dict.name} missing 2>&-`)).code, 1);
  t.is((await shell(`$SHMKIT get ${dict.name} missing 2> /dev/full`)).code, 1);
});

/** Runs the command on a terminal of 80 columns; undefined where no program makes terminals. */
function onTerminal(args: string[], columns = 80): string | undefined {
  const command = path.join(path.dirname(require.resolve('shmkit')), 'dist', 'cli.js');
  const line = `stty cols ${columns}; ${[process.execPath, command, ...args].map((arg) => `'${arg}'`).join(' ')}`;
  const { status, stdout } = spawnSync('script', ['-qec', line, '/dev/null'], { env: { ...process.env, NO_COLOR: '1' }, encoding: 'utf8' });
  return status === 0 ? stdout.replaceAll('\r', '') : undefined;
}

test('on a terminal, tables of keys are aligned, and no line is longer than it', (t) => {
  const dict = makeDict(t);
  dict.set('k'.repeat(3000), 'x'.repeat(3000));
  dict.set('short', 1, 60);
  if (onTerminal(['--version']) === undefined) {
    notRun(t, 'there is no script that makes terminals');
    return;
  }
  const top = onTerminal(['top-keys', dict.name]) as string;
  t.true(top.split('\n').every((line) => line.length <= 80), top);
  t.true(top.includes('kkk…\n'));
  const [heading = '', ...lines] = (onTerminal(['keys', dict.name, '--long']) as string).trimEnd().split('\n');
  for (const line of lines) t.regex(line.slice(heading.indexOf('KEY')), /^(k{3000}|short)$/u);
  t.true((onTerminal(['help']) as string).split('\n').every((line) => line.length <= 80));
});
