// shmkit misses: the hit ratio that a larger dictionary would have.
import type { Command } from 'commander';
import type { Stats } from 'shmkit';
import { closing } from '../closing.js';
import { openToRead } from '../dict.js';
import { no } from '../failure.js';
import { bytesText, percent, secondsOf } from '../format.js';
import { Ghosts } from '../ghosts.js';
import { listen } from '../listening.js';
import { act, declare, type Shell } from '../shell.js';

interface Options {
  for: string;
}

/** How many times as large. */
const FACTORS = [1, 1.25, 1.5, 2, 3, 4];

interface Estimate {
  readonly size: number;
  readonly hitRatio: number;
  /** Whether the time was too short to tell more than that. */
  readonly isAtLeast: boolean;
}

export function addMisses(program: Command): void {
  declare(program, 'misses <name>', 'estimate the hit ratio that a larger dictionary would have')
    .option('--for <time>', 'how long to listen, such as 10m', '60s')
    .addHelpText('after', '\nRemembers what is evicted, and counts what is stored again, as after a miss. Opens the dictionary for writing,\nas shmkit watch does.')
    .action(act(misses));
}

async function misses(shell: Shell, { for: time }: Options, name: string): Promise<number> {
  const seconds = secondsOf(time);
  const figures = () => closing(openToRead(shell, name), (dict) => dict.stats());
  let before = figures();
  const ghosts = new Ghosts(before.entries);
  // The first half of the time only fills the list of what is evicted.
  const halfTime = setTimeout(() => {
    before = figures();
    ghosts.begin();
  }, seconds * 500);
  let missed = 0;
  const exitCode = await listen(shell, name, seconds, (change) => {
    ghosts.hear(change);
    missed += change.missed ?? 0;
  });
  clearTimeout(halfTime);
  if (missed > 0) shell.note(`shmkit: ${missed} changes were too fast to be heard: the estimate is too low`);
  if (ghosts.evictions === 0) shell.note('shmkit: nothing was evicted: more room would not have changed anything');
  await show(shell, estimatesOf(before, figures(), ghosts));
  return exitCode;
}

function estimatesOf(before: Stats, after: Stats, ghosts: Ghosts): Estimate[] {
  const [hits, reads] = [after.hits - before.hits, after.hits - before.hits + after.misses - before.misses];
  if (reads <= 0) throw no('nothing was read meanwhile, so there is no hit ratio');
  return FACTORS.map((factor) => {
    const more = after.entries * (factor - 1);
    const kept = Math.min(reads - hits, ghosts.returnsWithin(more));
    return { size: Math.round(after.size * factor), hitRatio: (hits + kept) / reads, isAtLeast: ghosts.evictions > 0 && more > ghosts.reach };
  });
}

async function show(shell: Shell, estimates: readonly Estimate[]): Promise<void> {
  if (shell.out.json) return shell.out.document(estimates);
  await shell.out.table(estimates, [
    { title: 'SIZE', right: true, text: ({ size }) => bytesText(size), plain: ({ size }) => String(size) },
    { title: 'HITS', right: true, text: ({ hitRatio, isAtLeast }) => `${isAtLeast ? '>= ' : ''}${percent(hitRatio, 1)}`, plain: ({ hitRatio }) => hitRatio.toFixed(4) },
    { title: 'NOTE', text: ({ isAtLeast }) => (isAtLeast ? 'listen longer to tell' : ''), plain: ({ isAtLeast }) => (isAtLeast ? 'at least' : '') },
  ]);
}
