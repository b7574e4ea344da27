// Processes of a history, which are killed and stopped at random.
import { setTimeout } from 'node:timers/promises';
import { startChild, type Child } from './child';
import type { Host } from './dict';

export interface Disturbance {
  readonly processes: number;
  readonly kills?: number;
  readonly stops?: number;
}

/** Returns a random integer below a bound. */
export type Random = (below: number) => number;

/** Milliseconds that a process is stopped at most: less than the lock timeout, so that no call fails. */
const LONGEST_STOP = 40;

/**
 * Lets processes of a fixture work until all have made their calls, and starts a new one for each that is killed. `nextJob`
 * returns the argument of the next process. Returns how many were killed and stopped.
 */
export async function disturbed(t: Host, program: string, { processes, kills = 0, stops = 0 }: Disturbance, nextJob: () => object, random: Random) {
  const running = new Set<Child>();
  const start = async (): Promise<Child> => {
    const child = startChild(t, program, [JSON.stringify(nextJob())]);
    await child.next();
    running.add(child);
    void child.exited.then(() => running.delete(child));
    return child;
  };
  await Promise.all(Array.from({ length: processes }, start));
  for (const child of running) child.process.send('go');
  const done = { kills: 0, stops: 0 };
  while (running.size > 0 && (done.kills < kills || done.stops < stops)) {
    await setTimeout(random(20));
    const child = [...running][random(running.size)];
    if (!child) break;
    if (done.stops < stops && random(kills + stops) >= kills) {
      done.stops += 1;
      child.process.kill('SIGSTOP');
      await setTimeout(random(LONGEST_STOP));
      child.process.kill('SIGCONT');
    } else if (done.kills < kills) {
      done.kills += 1;
      await child.kill();
      const successor = await start();
      successor.process.send('go');
    }
  }
  await Promise.all([...running].map((child) => child.exited));
  return done;
}
