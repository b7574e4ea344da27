// `watch` over the server's reports of changed keys. They name a key and nothing else, so the rest is looked up.
import { ShmError } from 'shmkit';
import type { RemoteChange } from 'shmkit/valkey';
import { abortError, checkOptions, checkSignal, wrongType } from './arguments.js';
import { remoteError } from './errors.js';
import { loadNodeRedis } from './node-redis.js';
import { LOOK } from './script.js';
import type { Server } from './server.js';
import { Tracking } from './tracking.js';

const PROVE_MS = 1000;
const LONGEST_PAUSE_MS = 1000;

/** Returns the changes from now on. A key that changes twice may be told once; what was missed is told as an overflow. */
export function watch(server: Server, argument: unknown): AsyncIterableIterator<RemoteChange> & { ready: Promise<void> } {
  const options = checkOptions<{ prefix?: string | undefined; signal?: AbortSignal | undefined }>('options', argument, ['prefix', 'signal']);
  const { prefix = '' } = options;
  if (typeof prefix !== 'string') throw wrongType('options.prefix', 'of type string');
  const watcher = new Watcher(server, prefix);
  const signal = checkSignal('options.signal', options.signal);
  const stop = (): void => watcher.end(signal && abortError(signal));
  if (signal?.aborted) stop();
  else signal?.addEventListener('abort', stop, { once: true });
  void watcher.run();
  const changes = changesOf(watcher, server);
  const finish = changes.return.bind(changes);
  return Object.assign(changes, {
    ready: watcher.ready,
    // A generator waits with it until what it awaits has come, and one that was not started would never end the watcher.
    return(value: undefined) {
      watcher.end();
      return finish(value);
    },
  });
}

async function* changesOf(watcher: Watcher, server: Server): AsyncGenerator<RemoteChange, undefined, undefined> {
  try {
    for (;;) {
      const change = await watcher.next();
      if (change === undefined) return;
      if (change.type !== 'set') yield change;
      else yield { type: (await server.script(LOOK, change.key, [])) === null ? 'delete' : 'set', key: change.key as string };
    }
  } finally {
    watcher.end();
  }
}

class Watcher {
  readonly #server: Server;
  readonly #prefix: string;
  /** Changed keys that were not told yet, each once, in order. */
  readonly #changed = new Set<string>();
  readonly #special: RemoteChange[] = [];
  #wake: () => void = () => {};
  #begin: () => void = () => {};
  #giveUp: (reason: unknown) => void = () => {};
  /** Resolves when changes are reported; rejects if the watching has ended before. */
  readonly ready = new Promise<void>((resolve, reject) => ([this.#begin, this.#giveUp] = [resolve, reject]));
  #isEnded = false;
  #failure: unknown;

  constructor(server: Server, prefix: string) {
    this.#server = server;
    this.#prefix = prefix;
    // A caller that does not wait for it hears of a failure by the iteration.
    this.ready.catch(() => {});
  }

  /** Ends the iteration. Why only matters to a caller that still waits for `ready`. */
  end(reason: Error = closedError('The watch has ended')): void {
    this.#isEnded = true;
    this.#giveUp(reason);
    this.#wake();
  }

  async next(): Promise<RemoteChange | undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw remoteError(this.#failure, this.#server.secrets);
      if (this.#isEnded) return undefined;
      if (this.#server.closed) throw closedError(CLOSED);
      const special = this.#special.shift();
      if (special !== undefined) return special;
      for (const key of this.#changed) {
        this.#changed.delete(key);
        return { type: 'set', key };
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Tracks until the end; connects again after a loss, and tells of it. The first connection must succeed. */
  async run(): Promise<void> {
    for (let pause = 50, times = 0; !this.#isEnded && !this.#server.closed; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      let tracking: Tracking | undefined;
      try {
        tracking = await Tracking.start(loadNodeRedis(), this.#server.route, this.#server.names.prefix, (name) => this.#report(name));
        if (times > 0) this.#tell({ type: 'overflow' });
        times += 1;
        this.#begin();
        pause = 50;
        while (!this.#isEnded && !this.#server.closed) {
          await tracking.prove();
          await new Promise((resolve) => setTimeout(resolve, PROVE_MS).unref());
        }
      } catch (error) {
        if (times === 0 && !this.#server.closed) this.#failure = error;
      } finally {
        tracking?.close();
      }
      this.#wake();
      if (this.#failure !== undefined) return this.#giveUp(remoteError(this.#failure, this.#server.secrets));
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    this.#giveUp(closedError(CLOSED));
    this.#wake();
  }

  #report(name: Buffer | null): void {
    if (name === null) return this.#tell({ type: 'clear' });
    const key = this.#server.names.keyOf(name);
    if (key === undefined || !key.startsWith(this.#prefix)) return;
    this.#changed.add(key);
    this.#wake();
  }

  #tell(change: RemoteChange): void {
    this.#special.push(change);
    this.#wake();
  }
}

const CLOSED = 'The remote dictionary is closed';

function closedError(message: string): ShmError {
  return new ShmError('ERR_SHM_CLOSED', message);
}
