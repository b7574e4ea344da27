// Processes that hold and wait for a mutex, permits and locks are killed and stopped at random, and checked by an oracle
// outside the shared memory.
import { appendFileSync, closeSync, openSync, readSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { SharedLocks, SharedMutex, SharedSemaphore } from 'shmkit';
import { type Child, startChild, stop } from '../support/child';
import { until } from '../support/clock';
import { nameFor } from '../support/names';
import { showProgress } from '../support/progress';
import { seeded } from '../support/random';
import { LOCKS, Oracle, PERMITS } from '../support/locking-oracle';

const KILLS = Number(process.env['SHMKIT_STORM_KILLS'] ?? 20);
const PROCESSES = 4;

const WRONG: Array<[string, string[]]> = [
  ['a mutex held twice', ['one enter mutex 1 1 false', 'two enter mutex 1 2 false']],
  ['a token used twice', ['one enter mutex 1 1 false', 'one leave mutex 1', 'two enter mutex 1 1 false']],
  ['a death that the next owner is not told of', ['one enter mutex 1 1 false', 'one dies', 'two enter mutex 1 2 false']],
  ['a death that two owners are told of', ['one dies', 'two enter mutex 1 2 true', 'two leave mutex 1', 'three enter mutex 1 3 true']],
  ['a permit too many', ['one enter permits 2 0 false', 'two enter permits 2 0 false']],
  ['a lock shared with its exclusive holder', ['one enter a 1 1 false', 'two enter a 1 2 false', 'three enter a 2 3 false']],
];

for (const [what, lines] of WRONG) {
  test(`storm oracle: it finds ${what}`, (t) => {
    const oracle = new Oracle();
    for (const line of lines) oracle.hear(line);
    t.is(oracle.problems.length, 1);
  });
}

interface Run {
  readonly id: string;
  readonly child: Child;
}

test('storm: locks, permits and the mutex stay exclusive, and none is lost', async (t) => {
  t.timeout(KILLS * 4000);
  const storm = new Storm(t, seeded(t));
  await storm.blow();
  await storm.settle();
  t.log(storm.summary());
});

class Storm {
  readonly oracle = new Oracle();
  readonly name: string;
  readonly mutex: SharedMutex;
  readonly semaphore: SharedSemaphore;
  readonly locks: SharedLocks;
  readonly #path: string;
  readonly #log: number;
  readonly #runs: Run[] = [];
  #started = 0;
  #unread = '';
  kills = 0;
  stops = 0;

  constructor(
    readonly t: ExecutionContext<unknown>,
    readonly random: (below: number) => number,
  ) {
    this.name = nameFor(t, SharedMutex);
    this.mutex = SharedMutex.create(this.name);
    this.semaphore = SharedSemaphore.create(this.name, PERMITS, { holders: true });
    this.locks = SharedLocks.create(this.name);
    this.#path = path.join(os.tmpdir(), `${this.name}.log`);
    appendFileSync(this.#path, '');
    this.#log = openSync(this.#path, 'r');
    t.teardown(() => {
      closeSync(this.#log);
      rmSync(this.#path);
      for (const made of [this.mutex, this.semaphore, this.locks]) made.close();
    });
    for (let number = 0; number < PROCESSES; number += 1) this.#start(number);
  }

  async blow(): Promise<void> {
    while (this.kills < KILLS) {
      await setTimeout(this.random(15));
      this.#read();
      const number = this.random(PROCESSES);
      const run = this.#runs[number] as Run;
      // A process that was just started is left alone until it has entered once.
      if (!this.oracle.visits.has(run.id)) continue;
      await stop(run.child);
      if (this.random(3) === 0) {
        await this.#goOn(run);
      } else {
        await this.#kill(run);
        showProgress(KILLS > 50, this.summary());
        this.#start(number);
      }
    }
  }

  #start(number: number): void {
    this.#started += 1;
    const id = `run${this.#started}`;
    const child = startChild(this.t, 'locking-storm', [this.name, this.#path, id, this.random(2 ** 31)]);
    this.#runs[number] = { id, child };
  }

  /** Leaves a process stopped for a while, with what it holds, and resumes it. */
  async #goOn({ child, id }: Run): Promise<void> {
    this.stops += 1;
    await setTimeout(this.random(120));
    child.process.kill('SIGCONT');
    await this.#untilInside(id);
  }

  /** Kills a stopped process: what it did is logged, and it does nothing more. */
  async #kill({ child, id }: Run): Promise<void> {
    appendFileSync(this.#path, `${id} dies\n`);
    this.kills += 1;
    await child.kill();
  }

  /** Waits until a process has entered once more. */
  async #untilInside(id: string): Promise<void> {
    const visits = () => this.oracle.visits.get(id) ?? 0;
    const before = visits();
    await until(() => {
      this.#read();
      return visits() > before;
    });
  }

  #read(): void {
    const buffer = Buffer.alloc(1 << 16);
    for (let length = readSync(this.#log, buffer); length > 0; length = readSync(this.#log, buffer)) {
      const lines = (this.#unread + buffer.toString('latin1', 0, length)).split('\n');
      this.#unread = lines.pop() as string;
      for (const line of lines) this.oracle.hear(line);
    }
  }

  /** Waits until all processes have entered once more, kills them, and checks that all is free and none is lost. */
  async settle(): Promise<void> {
    const { t, oracle, mutex, semaphore, locks } = this;
    await Promise.all(this.#runs.map(({ id }) => this.#untilInside(id)));
    for (const run of this.#runs) {
      await stop(run.child);
      await this.#kill(run);
    }
    this.#read();
    t.deepEqual(oracle.problems, []);
    t.is(semaphore.value, PERMITS);
    (await mutex.lock({ timeout: 10 }))?.release();
    t.is(mutex.tryLock()?.ownerDied, false);
    t.deepEqual(locks.query(), { held: [], pending: [] });
    for (const lock of LOCKS) t.true(await locks.request(lock, { ifAvailable: true }, (got) => got !== null));
  }

  summary(): string {
    const { kills, stops, oracle } = this;
    const visits = [...oracle.visits.values()].reduce((total, some) => total + some, 0);
    return `${kills} kills, ${oracle.deaths.inside} of them inside, ${oracle.deaths.reported} reported by the mutex, ${stops} stops, ${visits} visits`;
  }
}
