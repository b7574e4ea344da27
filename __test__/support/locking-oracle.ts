// Checks a log of entries and exits. A process appends a line after it has entered and before it leaves, and its death is
// noted while it is stopped: so a process that is inside by the order of the lines really is inside.

/** Permits of the semaphore. */
export const PERMITS = 3;
/** Names of the locks. */
export const LOCKS = ['a', 'b'];

/** How many parts there are of each: an exclusive lock takes both of its two, a shared one takes one. */
const ROOM: Record<string, number> = { mutex: 1, permits: PERMITS, a: 2, b: 2 };

interface Visit {
  readonly what: string;
  readonly size: number;
}

/** Follows a log and collects violations. */
export class Oracle {
  readonly problems: string[] = [];
  /** How often each process entered. */
  readonly visits = new Map<string, number>();
  /** Deaths inside, by the log, and those that the mutex reported to the next owner. */
  readonly deaths = { inside: 0, reported: 0 };
  readonly #inside = new Map<string, Visit>();
  readonly #tokens = new Map<string, bigint>();
  #deadSinceLocked = 0;
  #ownerDied = false;

  /** Reads the next line. */
  hear(line: string): void {
    const [run, verb, what, size, token, died] = line.split(' ') as [string, string, string, string, string, string];
    if (verb === 'enter') this.#enter(run, { what, size: Number(size) }, BigInt(token), died === 'true');
    else if (verb === 'leave') this.#inside.delete(run);
    else this.#die(run);
  }

  #enter(run: string, visit: Visit, token: bigint, died: boolean): void {
    const { what, size } = visit;
    this.visits.set(run, (this.visits.get(run) ?? 0) + 1);
    const others = [...this.#inside].filter(([, other]) => other.what === what);
    this.#inside.set(run, visit);
    // Any number may share a lock.
    const parts = LOCKS.includes(what) ? Math.max(0, ...others.map(([, other]) => other.size)) : sum(others);
    if (parts + size > (ROOM[what] as number)) this.#report(`${run} came in to ${what} beside ${JSON.stringify(others)}`);
    if (what === 'permits') return;
    // Shared holders may log their entries in another order than they were granted in.
    const last = this.#tokens.get(what) ?? 0n;
    if (token <= last && others.length === 0 && size === ROOM[what]) this.#report(`${run} got token ${token} of ${what} after ${last}`);
    if (token > last) this.#tokens.set(what, token);
    if (what === 'mutex') this.#lock(run, died);
  }

  #lock(run: string, died: boolean): void {
    if (this.#ownerDied && !died) this.#report(`${run} was not told that the last owner died`);
    if (died && this.#deadSinceLocked === 0) this.#report(`${run} was told of a death that did not happen`);
    if (died) this.deaths.reported += 1;
    this.#deadSinceLocked = 0;
    this.#ownerDied = false;
  }

  #die(run: string): void {
    const visit = this.#inside.get(run);
    this.#inside.delete(run);
    this.#deadSinceLocked += 1;
    if (!visit) return;
    this.deaths.inside += 1;
    if (visit.what === 'mutex') this.#ownerDied = true;
  }

  #report(problem: string): void {
    this.problems.push(problem);
  }
}

function sum(visits: [string, Visit][]): number {
  return visits.reduce((total, [, visit]) => total + visit.size, 0);
}
