// The server as a dictionary sees it: its names of keys, its errors, and its limits.
import { ShmError } from 'shmkit';
import type { Settings } from './connect.js';
import type { Argument, Route } from './driver.js';
import type { Form } from './encoding.js';
import { remoteError } from './errors.js';
import { KeyNames } from './keys.js';
import type { Script } from './script.js';
import type { Secrets } from './secrets.js';

export class Server {
  readonly names: KeyNames;
  readonly form: Form;
  readonly secrets: Secrets;
  /** The largest value that is read, as the argument of scripts. */
  readonly most: string;
  readonly #driver: Settings['driver'];
  #isClosed = false;

  constructor(settings: Settings) {
    this.names = new KeyNames(settings.prefix);
    this.form = settings.form;
    this.secrets = settings.secrets;
    this.most = String(settings.mostBytes);
    this.#driver = settings.driver;
  }

  get closed(): boolean {
    return this.#isClosed;
  }

  get route(): Route {
    return this.#driver().route();
  }

  /** Sends a command about one key: `args` follow its name on the server. */
  command(command: string, key: unknown, args: Argument[] = []): Promise<unknown> {
    const name = this.names.of(key);
    return this.#run(key as string, () => this.#driver().command(name, [command, name, ...args]));
  }

  /** Sends a command of two words about one key. */
  subcommand(command: string, word: string, key: unknown): Promise<unknown> {
    const name = this.names.of(key);
    return this.#run(key as string, () => this.#driver().command(name, [command, word, name]));
  }

  /** Runs a script about one key. */
  script(script: Script, key: unknown, args: Argument[]): Promise<unknown> {
    const name = this.names.of(key);
    return this.#run(key as string, () => this.#driver().script(script, [name], args));
  }

  /** Runs a script about one key and its lease. */
  leaseScript(script: Script, key: unknown, args: Argument[]): Promise<unknown> {
    const name = this.names.of(key);
    return this.#run(key as string, () => this.#driver().script(script, [name, this.names.leaseOf(name)], args));
  }

  /** Runs a script about the lease of a key. */
  onLease(script: Script, key: unknown, args: Argument[]): Promise<unknown> {
    const name = this.names.leaseOf(this.names.of(key));
    return this.#run(key as string, () => this.#driver().script(script, [name], args));
  }

  /** Returns a sender for each master. */
  masters(): Promise<Array<(args: Argument[]) => Promise<unknown>>> {
    return this.#run(undefined, async () => {
      const senders = await this.#driver().masters();
      return senders.map((send) => (args: Argument[]) => this.#run(undefined, () => send(args)));
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#driver().close();
  }

  async #run<T>(key: string | undefined, work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new ShmError('ERR_SHM_CLOSED', 'The remote dictionary is closed');
    try {
      return await work();
    } catch (error) {
      throw remoteError(error, this.secrets, key);
    }
  }
}

/** Returns the reply if it is an array, as those of most scripts are. */
export function arrayOf(reply: unknown): unknown[] {
  if (!Array.isArray(reply)) throw new ShmError('ERR_SHM_REMOTE', 'The server answered something else than was asked for');
  return reply;
}

/** Returns seconds for milliseconds of a reply, which are bounded: the server is another machine. */
export function secondsOf(reply: unknown): number {
  const ms = Number(reply);
  return ms > 0 ? Math.min(ms, 9e15) / 1000 : 0;
}
