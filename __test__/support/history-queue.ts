// Judges what processes recorded of a queue: no job is lost or handed out to two claimers at a time, attempts rise, and jobs
// that nothing delayed are handed out in the order in which they were pushed.
import type { QueueStats } from 'shmkit';
import { grouped, type Recorded } from './history-log';

export type QueueCall =
  | { readonly kind: 'push'; readonly id: string; readonly isDelayed: boolean }
  | { readonly kind: 'claim' }
  | { readonly kind: 'done' | 'fail'; readonly id: string; readonly attempts: number }
  | { readonly kind: 'release'; readonly id: string };
/** Of a claim: id and attempts of the job, and whether its value is what was pushed. */
export type QueueOutcome = boolean | string | null | readonly [id: string, attempts: number, isWhole: boolean];
export type QueueRecord = Recorded<QueueCall, QueueOutcome>;

interface Claim {
  readonly actor: string;
  readonly id: string;
  readonly attempts: number;
  readonly called: number;
  readonly returned: number;
  /** The call that ended it, if its claimer made one. */
  readonly end: QueueRecord | undefined;
}

const NOT_CLAIMED = 'ERR_SHM_NOT_CLAIMED';

/** Returns what is wrong with a history at whose end all jobs were done; `kills` processes were killed. */
export function problemsOfQueue(recorded: readonly QueueRecord[], stats: QueueStats, kills: number): string[] {
  const calls = recorded.filter(({ outcome }) => outcome !== 'ERR_SHM_LOCK_TIMEOUT');
  const claims = claimsOf(calls);
  const releases = calls.filter(({ call, outcome }) => call.kind === 'release' && outcome !== false);
  const jobs = grouped(claims, ({ id }) => id);
  const pushes = calls.filter(({ call }) => call.kind === 'push');
  const pushed = new Set(pushes.map((push) => idOf(push)));
  return [
    ...strange(calls, pushed),
    ...[...jobs].flatMap(([id, own]) => problemsOfJob(own, releases.filter((release) => idOf(release) === id), calls)),
    ...unloggedClaims(jobs, kills),
    ...pushes.filter(({ outcome }) => typeof outcome === 'string').flatMap((push) => lost(idOf(push), jobs.get(idOf(push)) ?? [])),
    ...disorder(pushes, jobs),
    ...miscounted(pushes, claims, stats),
  ];
}

function idOf({ call }: QueueRecord): string {
  return 'id' in call ? call.id : '';
}

/** Returns all claims that are known, each with the call that ended it. */
function claimsOf(calls: readonly QueueRecord[]): Claim[] {
  const ends = grouped(
    calls.filter(({ call }) => call.kind === 'done' || call.kind === 'fail'),
    ({ actor, call }) => ('attempts' in call ? `${actor} ${call.id} ${call.attempts}` : ''),
  );
  return calls.flatMap(({ actor, call, called, returned, outcome }) => {
    if (call.kind !== 'claim' || !Array.isArray(outcome)) return [];
    const [id, attempts] = outcome as [string, number, boolean];
    return [{ actor, id, attempts, called, returned, end: ends.get(`${actor} ${id} ${attempts}`)?.[0] }];
  });
}

/** Jobs that were not pushed, and calls that failed otherwise than they may. */
function strange(calls: readonly QueueRecord[], pushed: ReadonlySet<string>): string[] {
  return calls.flatMap(({ actor, call, outcome }) => {
    if (Array.isArray(outcome)) {
      const [id, , isWhole] = outcome as [string, number, boolean];
      return isWhole && pushed.has(id) ? [] : [`${actor} claimed ${id}, which ${isWhole ? 'was not pushed' : 'is damaged'}`];
    }
    const isError = typeof outcome === 'string' && outcome.startsWith('ERR_') && !(outcome === NOT_CLAIMED && call.kind !== 'push');
    return isError || (call.kind === 'push' && outcome === false) ? [`${actor}: ${JSON.stringify(call)} gave ${outcome}`] : [];
  });
}

/** Each job is claimed by one process at a time, with more attempts each time, and never after it is done. */
function problemsOfJob(unsorted: readonly Claim[], releases: readonly QueueRecord[], calls: readonly QueueRecord[]): string[] {
  const claims = unsorted.toSorted((a, b) => a.attempts - b.attempts || a.returned - b.returned);
  return claims.flatMap((claim, index) => {
    const { actor, id, attempts, end } = claim;
    const next = claims[index + 1];
    const problems: string[] = [];
    const ended = earliestEnd(claim, releases, calls);
    if (next?.attempts === attempts) problems.push(`${id} was handed out twice as attempt ${attempts}`);
    else if (next && next.returned < ended) problems.push(`${id} was handed out again while ${actor} had it, attempt ${attempts}`);
    if (next && end?.call.kind === 'done' && end.outcome === true) problems.push(`${id} was handed out after it was done`);
    if (end?.outcome === NOT_CLAIMED && !releases.some(({ called, returned }) => returned > claim.called && called < end.returned)) {
      problems.push(`the claim of ${id} by ${actor} was lost`);
    }
    if (end?.outcome === true && releases.some(({ called, returned, outcome }) => outcome === true && called > claim.returned && returned < end.called)) {
      problems.push(`${actor} ended a claim of ${id} that had been released`);
    }
    return problems;
  });
}

/** Returns the first moment at which a claim can have ended. */
function earliestEnd({ actor, called, end }: Claim, releases: readonly QueueRecord[], calls: readonly QueueRecord[]): number {
  const released = releases.filter(({ returned }) => returned > called).map((release) => release.called);
  // Without a call that ends it, it ends with its process, which is after everything that the process recorded.
  const own = end && end.outcome !== NOT_CLAIMED ? end.called : Math.max(...calls.filter((call) => call.actor === actor).map((call) => call.called));
  return Math.min(own, ...released);
}

/** Only a claim in progress at a death may be missing: attempts rise by one. */
function unloggedClaims(jobs: ReadonlyMap<string, readonly Claim[]>, kills: number): string[] {
  const missing = [...jobs.values()].map((claims) => Math.max(...claims.map(({ attempts }) => attempts)) - claims.length);
  const total = missing.reduce((sum, each) => sum + each, 0);
  return total > kills || total < 0 ? [`${total} claims are missing, but ${kills} processes were killed`] : [];
}

function lost(id: string, claims: readonly Claim[]): string[] {
  const dones = claims.filter(({ end }) => end?.call.kind === 'done' && end.outcome !== NOT_CLAIMED);
  const told = dones.filter(({ end }) => end?.outcome === true);
  if (told.length > 1) return [`${id} was done ${told.length} times`];
  return dones.length > 0 ? [] : [`${id} is lost`];
}

/** A job that was pushed after another one is not handed out before that one, unless one of them was delayed. */
function disorder(pushes: readonly QueueRecord[], jobs: ReadonlyMap<string, readonly Claim[]>): string[] {
  const firsts = pushes.flatMap(({ call, called, returned }) => {
    if (call.kind !== 'push' || call.isDelayed) return [];
    const claim = jobs.get(call.id)?.find(({ attempts }) => attempts === 1);
    return claim ? [{ id: call.id, called, returned, claim }] : [];
  });
  const earlier = firsts.toSorted((a, b) => a.returned - b.returned);
  let [at, latest] = [0, earlier[0]];
  return firsts
    .toSorted((a, b) => a.called - b.called)
    .flatMap(({ id, called, claim }) => {
      for (let first = earlier[at]; first && first.returned < called; first = earlier[at]) {
        if (!latest || first.claim.called > latest.claim.called) latest = first;
        at += 1;
      }
      return at > 0 && latest && claim.returned < latest.claim.called ? [`${id} was handed out before ${latest.id}, which was pushed first`] : [];
    });
}

/** Counters that only grow have counted every call that returned, and no other than those in progress at deaths. */
function miscounted(pushes: readonly QueueRecord[], claims: readonly Claim[], stats: QueueStats): string[] {
  const dones = claims.filter(({ end }) => end?.call.kind === 'done').map(({ end }) => end as QueueRecord);
  const fails = claims.filter(({ end }) => end?.call.kind === 'fail').map(({ end }) => end as QueueRecord);
  const problems = stats.pushed === stats.done ? [] : [`${stats.pushed} jobs were pushed and ${stats.done} done`];
  for (const [name, calls] of [['pushed', pushes], ['done', dones], ['failed', fails]] as const) {
    const certain = calls.filter(({ outcome }) => outcome !== undefined && outcome !== NOT_CLAIMED).length;
    const possible = certain + calls.filter(({ outcome }) => outcome === undefined).length;
    if (stats[name] < certain || stats[name] > possible) problems.push(`${name} is ${stats[name]}, which should be ${certain} to ${possible}`);
  }
  return problems;
}
