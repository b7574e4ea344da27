// Records a history: processes and threads use one dictionary, and are killed and stopped at random.
import type { Broken } from './broken-dict';
import { makeDict, makeDir, type Host } from './dict';
import { happenings, keyOfState, MISSING, type KeyCall } from './history-key';
import { readLogs } from './history-log';
import type { Profile } from './history-plan';
import { disturbed, type Disturbance, type Random } from './history-processes';
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

export interface Plan extends Disturbance {
  readonly threads: number;
  /** Of each thread. */
  readonly calls: number;
  readonly profile: Profile;
  /** Of all handles. Default true. */
  readonly localCache?: boolean;
  readonly broken?: Broken;
}

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
  const { threads, calls, profile, localCache = true, broken } = plan;
  let actor = 1;
  const nextJob = (): Job => {
    const job = { name: dict.name, dir, actor, threads, calls, profile, localCache, broken, seed: random(2 ** 31) };
    actor += threads;
    return job;
  };
  const done = await disturbed(t, 'record', plan, nextJob, random);
  return { recorded: readLogs(dir), grown: dict.stats().grown, problems: dict.verify().problems, ...done };
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
