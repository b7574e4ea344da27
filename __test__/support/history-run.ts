// Records a history: processes and threads use one dictionary, and are killed and stopped at random.
import { setTimeout } from 'node:timers/promises';
import type { Broken } from './broken-dict';
import { startChild, type Child } from './child';
import { makeDict, makeDir, type Host } from './dict';
import { happenings, keyOfState, MISSING, type KeyCall } from './history-key';
import { readLogs } from './history-log';
import type { Profile } from './history-plan';
import { linearize, type Verdict } from './linearize';

/** The arguments of the fixture `record`. */
export interface Job {
  readonly name: string;
  readonly dir: string;
  /** The number of its first thread; those of the others follow. */
  readonly actor: number;
  readonly threads: number;
  readonly seed: number;
  readonly calls: number;
  readonly profile: Profile;
  readonly localCache: boolean;
  readonly broken?: Broken | undefined;
}

export interface Plan {
  readonly processes: number;
  readonly threads: number;
  /** Of each thread. */
  readonly calls: number;
  readonly profile: Profile;
  /** Of all handles. Default true. */
  readonly localCache?: boolean;
  readonly kills?: number;
  readonly stops?: number;
  readonly broken?: Broken;
}

type Random = (below: number) => number;

/** Milliseconds that a process is stopped at most: less than the lock timeout, so that no call fails. */
const LONGEST_STOP = 40;

/** The result of a run. */
export interface History {
  readonly recorded: readonly KeyCall[];
  readonly kills: number;
  readonly stops: number;
  /** How often the dictionary took memory. */
  readonly grown: number;
  /** The problems that `verify` finds at the end. */
  readonly problems: readonly string[];
}

/** Runs a plan and returns what was recorded. */
export async function recordHistory(t: Host, plan: Plan, random: Random): Promise<History> {
  const dict = makeDict(t, plan.profile === 'growing' ? { size: '64kb', maxSize: '8mb' } : { size: '1mb' });
  const dir = makeDir(t);
  let actor = 1;
  const running = new Set<Child>();
  const start = async (): Promise<Child> => {
    const { threads, calls, profile, localCache = true, broken } = plan;
    const job: Job = { name: dict.name, dir, actor, threads, calls, profile, localCache, broken, seed: random(2 ** 31) };
    actor += threads;
    const child = startChild(t, 'record', [JSON.stringify(job)]);
    await child.next();
    running.add(child);
    void child.exited.then(() => running.delete(child));
    return child;
  };
  await Promise.all(Array.from({ length: plan.processes }, start));
  for (const child of running) child.process.send('go');
  const done = await disturb(plan, running, start, random);
  await Promise.all([...running].map((child) => child.exited));
  return { recorded: readLogs(dir), grown: dict.stats().grown, problems: dict.verify().problems, ...done };
}

/** Kills and stops processes until there were as many as planned, or all are done. */
export async function disturb(plan: Pick<Plan, 'kills' | 'stops'>, running: Set<Child>, start: () => Promise<Child>, random: Random) {
  const { kills = 0, stops = 0 } = plan;
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
  return done;
}

/** Checks each key of a history: calls on different keys are independent, and `clear` is a call on every key. */
export function judge(recorded: readonly KeyCall[]): Map<string, Verdict> {
  const calls = recorded.filter(({ outcome }) => outcome !== 'ERR_SHM_LOCK_TIMEOUT');
  const clears = calls.filter(({ call }) => call.kind === 'clear');
  const callsOfKey = new Map<string, KeyCall[]>();
  for (const recordedCall of calls) {
    const { key } = recordedCall.call;
    if (key === '') continue;
    const own = callsOfKey.get(key);
    if (own) own.push(recordedCall);
    else callsOfKey.set(key, [recordedCall]);
  }
  const verdictOf = (key: string) => {
    const own = [...(callsOfKey.get(key) as KeyCall[]), ...clears];
    return linearize(happenings(own), { initial: MISSING, keyOf: keyOfState });
  };
  return new Map([...callsOfKey.keys()].toSorted().map((key) => [key, verdictOf(key)]));
}
