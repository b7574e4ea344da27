// One agent a host: the process that holds the lock runs it. The others wait for the lock, and take it from an agent whose
// thread stands still.
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { SharedLocks } from 'shmkit';
import { type Control, shortToken } from './control.js';
import type { AgentData } from './valkey-agent.js';

const LOCK = 'agent';
const CHECK_MS = 100;
/** Seconds without a pulse after which an agent counts as standing still. */
const STILL = 0.5;
const CAPACITY = 4096;

export class Election {
  readonly #data: Omit<AgentData, 'token'>;
  readonly #control: Control;
  readonly #locks: SharedLocks;
  readonly #timer: NodeJS.Timeout;
  #waiting: AbortController | undefined;
  #worker: Worker | undefined;
  #isEnded = false;
  #served = false;
  readonly #ended: Promise<void>;

  constructor(data: Omit<AgentData, 'token'>, control: Control) {
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
    await this.#stop();
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
      if (this.#served && this.#control.now() - begun < 1) await new Promise((resolve) => setTimeout(resolve, CHECK_MS).unref());
      this.#served = false;
      steal = !this.#isEnded && this.#isStill();
    }
  }

  /** Runs the agent while the lock is held. */
  #serve(token: number): Promise<void> {
    this.#waiting = undefined;
    if (this.#isEnded || !this.#control.pulse(token)) return Promise.resolve();
    const worker = new Worker(path.join(__dirname, 'valkey-agent.js'), { workerData: { ...this.#data, token } satisfies AgentData });
    this.#worker = worker;
    this.#served = true;
    worker.unref();
    return new Promise((resolve) => {
      worker.once('error', () => resolve()).once('exit', () => resolve());
    });
  }

  async #stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #check(): void {
    try {
      if (this.#worker === undefined && this.#isStill()) this.#waiting?.abort();
    } catch {
      // The next check may succeed.
    }
  }

  #isStill(): boolean {
    return this.#control.pulseAge() > STILL;
  }
}
