// shmkit top on a terminal: a table that is redrawn, and keys.
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import test from 'ava';
import { SharedDict } from 'shmkit';
import { until } from '../support/clock';
import { makeDir } from '../support/dict';
import { notRun } from '../support/not-run';

const COMMAND = path.join(path.dirname(require.resolve('shmkit')), 'dist', 'cli.js');
const NAME = 'a-dictionary-with-a-name-that-is-longer-than-its-column';

test('top redraws a table within 80 columns, sorts by keys and gives the terminal back at q', async (t) => {
  // script(1) runs a program on a terminal of its own.
  if (spawnSync('script', ['--version']).status !== 0) return notRun(t, 'needs script(1)');
  const dir = makeDir(t);
  const dict = SharedDict.create(NAME, { size: '1gb', dir });
  t.teardown(() => dict.close());
  dict.set('a', 1);
  const command = `stty cols 80 rows 24; ${process.execPath} ${COMMAND} top --interval 50ms --dir ${dir}`;
  const terminal = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => terminal.kill());
  let screen = '';
  terminal.stdout.on('data', (data) => (screen += String(data)));
  const closed = new Promise<number | null>((resolve) => {
    terminal.on('close', resolve);
  });
  await until(() => screen.includes('s sort (reads)'));
  terminal.stdin.write('e');
  await until(() => screen.includes('s sort (entries)'));
  terminal.stdin.write('q');
  t.is(await closed, 0);
  t.true(screen.startsWith('\u001b[?1049h\u001b[?25l'));
  t.true(screen.endsWith('\u001b[?25h\u001b[?1049l'));
  const lines = stripped(screen).split('\n');
  t.true(lines.some((line) => line.includes('a-dictionary-with-a-…')));
  for (const line of lines) t.true(line.length <= 80, line);
});

/** Returns what is on the screen, without the sequences that control it. */
function stripped(screen: string): string {
  const home = screen.replaceAll('\r\n', '\n').replaceAll('\u001b[H', '\n');
  const [first = '', ...rest] = home.split('\u001b[');
  return first + rest.map((part) => part.replace(/^[?\d]*[A-Za-z]/, '')).join('');
}
