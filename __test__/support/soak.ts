// The lanes of a storm for a long time, and what a death costs the other processes.
import type { ForkOptions } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { SharedDict } from 'shmkit';
import { now } from './clock';
import { uniqueName } from './dict';
import { generator } from './random';
import { Lane, type Tally } from './storm-lane';
import { COUNTERS } from './storm-plan';

/** Keys in all shards: when all of them can be written, nothing is left to recover. */
const PROBES = 64;
/** Milliseconds. */
const LONGEST_STOP = 60;
/** Seconds in which the holder of a lock releases it or is found dead, however busy the machine is. */
const LONGEST_WRITE = 60;

export class Soak {
  readonly tally: Tally = { acknowledged: 0, timeouts: 0, counted: new Map(), inFlight: new Map() };
  readonly random: (below: number) => number;
  readonly dict = SharedDict.create(uniqueName(), { size: '16mb', lockTimeout: 0.15 });
  readonly lanes: Lane[];
  /** Bytes that an empty dictionary uses. */
  readonly #empty: number;
  /** Seconds from a signal that left something to recover until every shard could be written again. */
  readonly #recoveries: number[] = [];
  readonly #end = { recoveries: 0, leaked: 0, processes: 0 };
  readonly problems: string[] = [];
  kills = 0;
  stops = 0;
  started = 0;

  constructor(lanes: number, seed: number, how: ForkOptions = {}) {
    this.random = generator(seed);
    this.#empty = this.dict.stats().used;
    // The lanes end their children.
    const judge = { fail: (problem?: string) => this.#complain(problem), teardown: () => undefined };
    this.lanes = Array.from({ length: lanes }, (_, lane) => new Lane(judge, this.dict, this.tally, lane, lanes, how));
  }

  #complain(problem?: string): void {
    this.problems.push(problem ?? 'something is wrong');
  }

  /** Runs for this many seconds, and until there were this many kills. */
  async run(seconds: number, kills: number, show?: (line: string) => void): Promise<void> {
    await Promise.all(this.lanes.map((lane) => this.#start(lane)));
    const end = now() + seconds;
    for (let shown = 0; now() < end || this.kills < kills; ) {
      await setTimeout(this.random(30));
      const lane = this.lanes[this.random(this.lanes.length)] as Lane;
      // A process that was just started is left alone until it has done something.
      if (!lane.run || lane.run.acknowledged === 0) continue;
      if (this.random(3) === 0) await this.#stop(lane);
      else await this.#kill(lane);
      if (now() - shown > 1) {
        shown = now();
        show?.(`${Math.max(0, Math.ceil(end - now()))} s left: ${this.#progress()}`);
      }
    }
  }

  #progress(): string {
    const { tally, kills, stops, problems } = this;
    return `${tally.acknowledged} operations, ${kills} kills, ${stops} stops, ${problems.length} violations`;
  }

  async #start(lane: Lane): Promise<void> {
    this.started += 1;
    await lane.start(this.random(2 ** 31)).begun;
  }

  async #stop(lane: Lane): Promise<void> {
    this.stops += 1;
    lane.signal('SIGSTOP');
    await setTimeout(this.random(LONGEST_STOP));
    lane.signal('SIGCONT');
  }

  async #kill(lane: Lane): Promise<void> {
    const before = this.dict.stats().recoveries;
    const start = now();
    const killed = lane.kill();
    this.kills += 1;
    for (let probe = 0; probe < PROBES; probe += 1) this.#write(`probe-${probe}`);
    if (this.dict.stats().recoveries > before) this.#recoveries.push(now() - start);
    await killed;
    // Not awaited: the other lanes go on.
    void this.#start(lane).catch(() => undefined);
  }

  /** Writes until it succeeds: no process is stopped at this moment, so a holder of the lock releases it, or dies. */
  #write(key: string): void {
    for (const end = now() + LONGEST_WRITE; ; ) {
      try {
        this.dict.set(key, this.kills);
        return;
      } catch (error) {
        if ((error as { code?: string }).code !== 'ERR_SHM_LOCK_TIMEOUT' || now() > end) throw error;
        this.tally.timeouts += 1;
      }
    }
  }

  /** Ends all processes, compares the content with what was acknowledged, deletes it, and checks what is left. */
  async settle(): Promise<void> {
    const { dict, tally } = this;
    for (const lane of this.lanes) if (lane.run) await lane.kill();
    for (const lane of this.lanes) lane.check();
    for (let counter = 0; counter < COUNTERS; counter += 1) {
      const key = `total-${counter}`;
      const [total, least] = [(dict.get(key) as number | undefined) ?? 0, tally.counted.get(key) ?? 0];
      const most = least + (tally.inFlight.get(key) ?? 0);
      if (total < least || total > most) this.#complain(`${key} is ${total}, not ${least} to ${most}`);
    }
    this.#end.recoveries = dict.stats().recoveries;
    // A process holds one lock at a time: each death is one recovery at most.
    if (this.#end.recoveries > this.kills) this.#complain(`${this.#end.recoveries} recoveries: some were of the living`);
    dict.deleteMany(dict.getKeys());
    dict.flushExpired();
    const { used, processes, entries } = dict.stats();
    this.#end.leaked = used - this.#empty;
    this.#end.processes = processes;
    if (used !== this.#empty || entries > 0) this.#complain(`${this.#end.leaked} bytes and ${entries} entries are left`);
    if (processes !== 1) this.#complain(`${processes - 1} slots of the dead are held`);
    for (const problem of dict.verify().problems) this.#complain(problem);
    dict.close();
  }

  report(): string[] {
    const sorted = this.#recoveries.toSorted((left, right) => left - right);
    const at = (share: number) => ((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 1000).toFixed(1);
    return [
      `${this.#progress()}, ${this.tally.timeouts} timed out`,
      `recoveries: ${this.#end.recoveries}; from the signal until all was writable again: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms (of ${sorted.length} kills)`,
      `slots: ${this.started} processes attached, ${this.started - (this.#end.processes - 1)} slots given back`,
      `leaked bytes: ${this.#end.leaked}`,
      ...this.problems.map((problem) => `violation: ${problem}`),
    ];
  }
}
