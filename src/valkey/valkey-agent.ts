// The agent of a host: in a worker thread of its own, it holds the host's only tracking connection, removes from the tier what
// others change on the server, and says by its beat that it does.
import { parentPort, workerData } from 'node:worker_threads';
import { SharedDict } from 'shmkit';
import { Control } from './control.js';
import type { Route } from './driver.js';
import { KeyNames } from './keys.js';
import { loadNodeRedis } from './node-redis.js';
import { tierCodec } from './tier-values.js';
import { Tracking } from './tracking.js';

/** What the thread is started with. */
export interface AgentData {
  readonly name: string;
  readonly dir: string | undefined;
  readonly prefix: string;
  readonly route: Route;
}

const BEAT_MS = 200;
const PULSE_MS = 100;
const LONGEST_PAUSE_MS = 500;

class Agent {
  readonly #data: AgentData;
  readonly #token: number;
  readonly #control: Control;
  readonly #tier: SharedDict;
  readonly #names: KeyNames;
  #isEnded = false;
  #invalidations = 0;
  #wake: () => void = () => {};

  constructor(data: AgentData, token: number) {
    this.#data = data;
    this.#token = token;
    this.#control = new Control(data.name, data.dir);
    this.#tier = SharedDict.open(data.name, { ...(data.dir === undefined ? {} : { dir: data.dir }), codec: tierCodec, localCache: false });
    this.#names = new KeyNames(data.prefix);
    this.#control.noteRunning(token);
  }

  /** Runs until it is told to end, or a later agent has taken over. */
  async run(): Promise<void> {
    const pulse = setInterval(() => this.#pulse(), PULSE_MS);
    this.#pulse();
    for (let pause = 20; !this.#isEnded; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      if (await this.#track()) pause = 20;
      else await this.#pause(pause * (0.5 + Math.random()));
    }
    clearInterval(pulse);
    this.#tier.close();
    this.#control.close();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  /** Tracks until the connection is lost. Returns whether it ever stood. */
  async #track(): Promise<boolean> {
    let tracking: Tracking | undefined;
    let isTracked = false;
    try {
      const { route, prefix } = this.#data;
      tracking = await Tracking.start(loadNodeRedis(), route, prefix, (name) => this.#invalidate(name));
      // Before the tier is emptied: what other servers answer from then on is not stored.
      if (!this.#control.noteServers(tracking.servers, this.#token)) this.end();
      // Only now: what was fetched before may have changed without a report. Fetches in progress will store nothing.
      this.#clear();
      this.#control.failure = '';
      while (!this.#isEnded) {
        const asked = this.#control.now();
        await tracking.prove();
        isTracked = true;
        if (!this.#control.beat(asked, this.#token)) this.end();
        else await this.#pause(BEAT_MS);
      }
    } catch (error) {
      // The beat grows old, and readers stop trusting what is there. The next connection begins anew.
      this.#note(error);
    } finally {
      tracking?.close();
    }
    return isTracked;
  }

  #invalidate(name: Buffer | null): void {
    this.#invalidations += 1;
    if (name === null) return this.#clear();
    const key = this.#names.keyOf(name);
    if (key !== undefined) this.#tier.delete(key);
  }

  #clear(): void {
    this.#tier.clear();
    this.#control.noteEpoch();
  }

  #pulse(): void {
    try {
      if (this.#isEnded) return;
      if (!this.#control.pulse(this.#token)) return this.end();
      if (this.#invalidations > 0) this.#control.count('invalidations', this.#invalidations);
      this.#invalidations = 0;
    } catch {
      // The next pulse may succeed; if none does, another process takes over.
    }
  }

  /** Notes what went wrong by its code alone: the rest may have credentials in it. */
  #note(error: unknown): void {
    const { code, message } = error as { code?: unknown; message?: unknown };
    try {
      this.#control.failure = typeof code === 'string' ? code : (/^[A-Z]+\b/.exec(String(message))?.[0] ?? 'ERROR');
    } catch {
      // The tier works without it.
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

// Loading the client takes longer than all the rest of taking over, so a thread in reserve has done it.
loadNodeRedis();
parentPort?.once('message', (token: number) => {
  const agent = new Agent(workerData as AgentData, token);
  parentPort?.once('message', () => agent.end());
  parentPort?.postMessage('running');
  void agent.run().then(() => parentPort?.close());
});
