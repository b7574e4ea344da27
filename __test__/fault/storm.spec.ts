// Processes that make all calls at random are killed and stopped at random, and checked by an oracle outside the segment.
import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { SharedDict } from 'shmkit';
import { now, until } from '../support/clock';
import { makeDict } from '../support/dict';
import { showProgress } from '../support/progress';
import { seeded } from '../support/random';
import { Lane, type Run, type Tally } from '../support/storm-lane';
import { COUNTERS } from '../support/storm-plan';

const KILLS = Number(process.env['SHMKIT_STORM_KILLS'] ?? 50);
const LANES = 4;
/** Keys in all shards: one that cannot be written shows which shard's lock is held. */
const PROBES = 16;
/** Seconds that no read takes, however busy the machine is: a read never waits. */
const LONGEST_READ = 2;

test('storm: no acknowledged write is lost, no lock stolen, no read held up', async (t) => {
  t.timeout(KILLS * 4000);
  const storm = new Storm(t, makeDict(t, { size: '16mb', lockTimeout: 0.15 }), seeded(t));
  await storm.blow();
  await storm.settle();
  t.log(storm.summary());
});

test('storm: no acknowledged write is lost while a dictionary grows', async (t) => {
  t.timeout(KILLS * 4000);
  const storm = new Storm(t, makeDict(t, { size: '64kb', maxSize: '1gb', lockTimeout: 0.15 }), seeded(t));
  await storm.blow();
  await storm.settle();
  const { grown, entries, size } = storm.dict.stats();
  t.true(grown > 10, `${grown} times`);
  t.log(`${storm.summary()}, ${entries} entries, ${size} bytes, grown ${grown} times`);
});

class Storm {
  readonly tally: Tally = { acknowledged: 0, timeouts: 0, counted: new Map(), inFlight: new Map() };
  readonly lanes: Lane[];
  kills = 0;
  stops = 0;
  held = 0;
  longestRead = 0;
  /** Seconds of the longest write that succeeded. */
  longestWrite = 0;

  constructor(
    readonly t: ExecutionContext<unknown>,
    readonly dict: SharedDict,
    readonly random: (below: number) => number,
  ) {
    for (let probe = 0; probe < PROBES; probe += 1) dict.set(`stable-${probe}`, `stable ${probe}`);
    this.lanes = Array.from({ length: LANES }, (_, lane) => new Lane(t, dict, this.tally, lane, LANES));
  }

  async blow(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => this.#start(lane)));
    // Whether a process is stopped with a lock is a matter of chance: until one was.
    while (this.kills < KILLS || this.held === 0) {
      await setTimeout(this.random(15));
      const lane = this.lanes[this.random(LANES)] as Lane;
      const run = lane.run;
      // A process that was just started is left alone until it has done something.
      if (!run || run.acknowledged === 0) continue;
      this.#read();
      const goesOn = this.random(3) > 0 || (await this.#stop(run));
      if (!goesOn || this.random(3) > 0) await this.#kill(lane);
    }
  }

  #start(lane: Lane): Promise<unknown> {
    return lane.start(this.random(2 ** 31)).begun;
  }

  async #kill(lane: Lane): Promise<void> {
    await lane.kill();
    this.kills += 1;
    showProgress(KILLS > 50, this.summary());
    // Not awaited: the other lanes go on, and may be next.
    void this.#start(lane).catch(() => undefined);
  }

  /**
   * Stops a process wherever it is. If it holds a lock, it keeps it, and errors of other processes name its pid. Returns
   * false if it is not to be resumed.
   */
  async #stop(run: Run): Promise<boolean> {
    const { pid, process: stopped } = run.child;
    stopped.kill('SIGSTOP');
    this.stops += 1;
    const locked = this.#write().filter(({ message }) => message.includes(`process ${pid} `));
    this.#read();
    if (locked.length > 0) {
      this.held += 1;
      const { key } = locked[0] as { key: string };
      const again = this.#tryWrite(key);
      this.t.true(again?.includes(`process ${pid} `), `${key}: stolen from a living process: ${again ?? 'written'}`);
    }
    if (this.random(3) === 0) return false;
    stopped.kill('SIGCONT');
    for (const { key } of locked) await until(() => this.#tryWrite(key) === undefined);
    const { acknowledged } = run;
    await until(() => run.acknowledged > acknowledged);
    return true;
  }

  /** Writes to all shards; returns the keys that could not be written, with the messages. */
  #write(): { key: string; message: string }[] {
    const keys = Array.from({ length: PROBES }, (_, probe) => `probe-${probe}`);
    const failed = keys.map((key) => ({ key, message: this.#tryWrite(key) })).filter(({ message }) => message);
    this.t.true(failed.length < PROBES, 'writers of other shards are held up too');
    return failed as { key: string; message: string }[];
  }

  #tryWrite(key: string): string | undefined {
    const start = now();
    try {
      this.dict.set(key, this.kills);
      this.longestWrite = Math.max(this.longestWrite, now() - start);
      return undefined;
    } catch (error) {
      this.t.is((error as { code: string }).code, 'ERR_SHM_LOCK_TIMEOUT', (error as Error).message);
      return (error as Error).message;
    }
  }

  #read(): void {
    for (let probe = 0; probe < PROBES; probe += 1) {
      const start = now();
      if (this.dict.get(`stable-${probe}`) !== `stable ${probe}`) this.t.fail(`stable-${probe} is lost`);
      this.longestRead = Math.max(this.longestRead, now() - start);
    }
  }

  /** Ends all processes, and compares the content with what was acknowledged. */
  async settle(): Promise<void> {
    const { t, dict, tally } = this;
    for (const lane of this.lanes) if (lane.run) await lane.kill();
    for (const lane of this.lanes) lane.check();
    for (let counter = 0; counter < COUNTERS; counter += 1) {
      const key = `total-${counter}`;
      const [total, least] = [dict.get(key) as number, tally.counted.get(key) ?? 0];
      const most = least + (tally.inFlight.get(key) ?? 0);
      t.true(total >= least && total <= most, `${key} is ${total}, not ${least} to ${most}`);
    }
    t.deepEqual(dict.verify(), { ok: true, problems: [] });
    t.true(this.longestRead < LONGEST_READ, this.summary());
  }

  summary(): string {
    const { kills, stops, held, tally, dict } = this;
    const [read, write] = [this.longestRead, this.longestWrite].map((seconds) => (seconds * 1000).toFixed(1));
    const ends = `${kills} kills, ${dict.stats().recoveries} recoveries, ${stops} stops, ${held} of them with a lock`;
    return `${ends}, ${tally.acknowledged} acknowledged, ${tally.timeouts} timed out, longest read ${read} ms, write ${write} ms`;
  }
}
