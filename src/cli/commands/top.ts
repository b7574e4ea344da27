// shmkit top: a live table of all objects, or one dictionary in detail.
import type { Command } from 'commander';
import { countOf, secondsOf } from '../format.js';
import { act, declare, type Shell } from '../shell.js';
import { detailLines } from '../top/detail.js';
import { Screen } from '../top/screen.js';
import { overviewLines, SORTS, type Sort, sorted } from '../top/overview.js';
import { Sampler, type Sample } from '../top/sampler.js';

interface Options {
  interval: string;
  count?: string;
}

export function addTop(program: Command): void {
  declare(program, 'top [name]', 'watch all objects, or one dictionary in detail')
    .option('--interval <time>', 'time between two measurements, such as 500ms or 5s', '1s')
    .option('--count <n>', 'print this many tables one after another, and end')
    .addHelpText('after', '\nKeys: q quits, s sorts by the next column, r reverses. Or choose the column: ' + SORTS.map(({ key, title }) => `${key} ${title}`).join(', '))
    .action(act(top));
}

async function top(shell: Shell, { interval, count }: Options, name?: string): Promise<number | void> {
  const milliseconds = secondsOf(interval) * 1000;
  const sampler = new Sampler(shell, name);
  if (process.stdout.isTTY && count === undefined && !shell.out.json) return live(shell, sampler, milliseconds, name);
  const times = count === undefined ? Infinity : countOf(count);
  for (let time = 0; time < times; time += 1) {
    await new Promise((resolve) => {
      setTimeout(resolve, milliseconds);
    });
    await print(shell, sampler.take(), name);
    await shell.out.flush();
  }
}

async function print(shell: Shell, samples: readonly Sample[], name: string | undefined): Promise<void> {
  if (shell.out.json) {
    for (const { kind, stats, ...sample } of samples) await shell.out.document({ kind, ...sample, ...(stats && { stats }) });
    return;
  }
  const [first] = samples;
  const lines = name !== undefined && first ? detailLines(shell.out, first) : overviewLines(shell.out, sorted(samples, SORTS[0] as Sort, false), Infinity);
  for (const line of lines) await shell.out.line(line);
}

/** Redraws until a key ends it; returns the exit code. */
async function live(shell: Shell, sampler: Sampler, milliseconds: number, name: string | undefined): Promise<number> {
  let [sort, reversed] = [0, false];
  let samples = sampler.take();
  const screen = new Screen();
  const draw = () => {
    const [first] = samples;
    const order = SORTS[sort] as Sort;
    const lines = name === undefined ? overviewLines(shell.out, sorted(samples, order, reversed), screen.rows - 2) : first ? detailLines(shell.out, first) : [`"${name}" is gone`];
    const legend = name === undefined ? `q quit  s sort (${order.title})  r reverse` : 'q quit';
    screen.show([...lines.slice(0, screen.rows - 2), '', legend]);
  };
  return screen.run(
    milliseconds,
    () => {
      samples = sampler.take();
      draw();
    },
    (key) => {
      if (key === 'r') reversed = !reversed;
      else if (key === 's') sort = (sort + 1) % SORTS.length;
      else sort = Math.max(SORTS.findIndex((each) => each.key === key), 0);
      draw();
    },
    draw,
  );
}
