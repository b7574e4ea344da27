// One agent a host: the process that holds the lock runs it. The others wait for the lock, and take it from an agent whose
// thread stands still. The first of them has a thread in reserve.
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { SharedLocks } from 'shmkit';
import { type Control, shortToken } from './control.js';
import type { AgentData } from './valkey-agent.js';

const LOCK = 'agent';
/** Requests for the lock: one of each process. */
const CAPACITY = 1024;
const CHECK_MS = 100;
/** Checks between two in which the line is looked at. */
const CHECKS_PER_LOOK = 10;
/** Seconds without a pulse after which an agent counts as standing still. */
const STILL = 0.5;
/** The same for one whose thread is being started, which takes long on a busy machine. */
const STILL_STARTING = 5;
/** Checks in a row that came on time, so that the whole machine is not short of processors, before an agent is taken from. */
const ON_TIME = 3;
/** Seconds that a thread may take to start. */
const START = 30;

export class Election {
  readonly #data: AgentData;
  readonly #control: Control;
  readonly #locks: SharedLocks;
  readonly #timer: NodeJS.Timeout;
  #waiting: AbortController | undefined;
  /** The thread of the agent that this process runs. */
  #agent: Worker | undefined;
  /** A thread that has loaded what it needs, and does nothing yet. */
  #reserve: Worker | undefined;
  #checks = 0;
  #checked = 0;
  /** Checks in a row that came on time. */
  #onTime = 0;
  #hasServed = false;
  #isEnded = false;
  readonly #ended: Promise<void>;

  constructor(data: AgentData, control: Control) {
    this.#data = data;
    this.#control = control;
    this.#locks = SharedLocks.openOrCreate(data.name, { ...(data.dir === undefined ? {} : { dir: data.dir }), capacity: CAPACITY });
    this.#timer = setInterval(() => this.#check(), CHECK_MS).unref();
    this.#ended = this.#campaign();
  }

  static unlink(name: string, dir: string | undefined): boolean {
    return SharedLocks.unlink(name, dir === undefined ? {} : { dir });
  }

  async end(): Promise<void> {
    this.#isEnded = true;
    clearInterval(this.#timer);
    this.#waiting?.abort();
    await Promise.all([this.#stop(), this.#reserve?.terminate()]);
    await this.#ended;
    this.#locks.close();
  }

  async #campaign(): Promise<void> {
    let steal = false;
    while (!this.#isEnded) {
      const begun = this.#control.now();
      this.#waiting = steal ? undefined : new AbortController();
      const options = steal ? { steal } : { signal: this.#waiting?.signal };
      try {
        await this.#locks.request(LOCK, options, (lock) => this.#serve(shortToken(lock?.token ?? 0n)));
      } catch {
        // The wait was ended in order to steal, or the lock was stolen from here: then the thread here must end.
      }
      await this.#stop();
      // A thread that ends as soon as it begins is not begun again at once.
      if (this.#hasServed && !this.#isEnded && this.#control.now() - begun < 1) await new Promise((resolve) => setTimeout(resolve, CHECK_MS).unref());
      this.#hasServed = false;
      steal = !this.#isEnded && this.#isStill();
    }
  }

  /** Runs the agent while the lock is held. */
  async #serve(token: number): Promise<void> {
    this.#waiting = undefined;
    if (this.#isEnded || !this.#control.pulse(token)) return;
    const worker = this.#reserve ?? this.#thread();
    this.#reserve = undefined;
    this.#agent = worker;
    this.#hasServed = true;
    const ended = new Promise<void>((resolve) => worker.once('error', () => resolve()).once('exit', () => resolve()));
    // A thread that starts has no pulse yet. This one is its pulse, for as long as a start may take.
    const begun = this.#control.now();
    const starting = setInterval(() => this.#pulseFor(token, begun), CHECK_MS).unref();
    worker.once('message', () => clearInterval(starting));
    worker.postMessage(token);
    await ended;
    clearInterval(starting);
  }

  #pulseFor(token: number, begun: number): void {
    try {
      if (this.#control.now() - begun < START) this.#control.pulse(token);
    } catch {
      // The next one may succeed.
    }
  }

  #thread(): Worker {
    const worker = new Worker(path.join(__dirname, 'valkey-agent.js'), { workerData: this.#data });
    worker.unref();
    return worker;
  }

  async #stop(): Promise<void> {
    const worker = this.#agent;
    this.#agent = undefined;
    await worker?.terminate();
  }

  #check(): void {
    try {
      const now = this.#control.now();
      this.#onTime = now - this.#checked < (2 * CHECK_MS) / 1000 ? this.#onTime + 1 : 0;
      this.#checked = now;
      if (this.#agent !== undefined) return;
      if (this.#onTime >= ON_TIME && this.#isStill()) this.#waiting?.abort();
      this.#checks += 1;
      if (this.#checks % CHECKS_PER_LOOK === 0 && this.#reserve === undefined && this.#isNext()) this.#prepare();
    } catch {
      // The next check may succeed.
    }
  }

  #isStill(): boolean {
    const age = this.#control.pulseAge();
    return age > STILL && (age > STILL_STARTING || this.#control.isRunning());
  }

  #isNext(): boolean {
    return this.#locks.query().pending[0]?.pid === process.pid;
  }

  #prepare(): void {
    const reserve = this.#thread();
    this.#reserve = reserve;
    const forget = (): void => {
      if (this.#reserve === reserve) this.#reserve = undefined;
    };
    reserve.once('error', forget).once('exit', forget);
  }
}
