// The server as a dictionary sees it: its names of keys, its errors, and its limits.
import { ShmError } from 'shmkit';
import type { Settings } from './connect.js';
import type { Argument, Route } from './driver.js';
import type { Form } from './encoding.js';
import { remoteError } from './errors.js';
import { decode } from './decoding.js';
import { encode } from './encoding.js';
import { isSealed, type Place, type Seal } from './sealing.js';
import { encodedOf, stored } from './stored.js';
import { KeyNames } from './keys.js';
import type { Script } from './script.js';
import type { Secrets } from './secrets.js';

/** The part of the timeout for which replicas are waited for. */
const WAITING = 0.8;

export class Server {
  readonly names: KeyNames;
  readonly #form: Form;
  readonly #seal: Seal | null;
  /** How many replicas must have a write before its call resolves. */
  readonly #replicas: number;
  readonly #timeout: number;
  readonly secrets: Secrets;
  /** The largest value that is read, as the argument of scripts. */
  readonly most: string;
  readonly #driver: Settings['driver'];
  readonly #end: Settings['close'];
  #isClosed = false;
  /** What the driver told of its connections when they were last seen to stand. */
  #connections = -1;

  constructor(settings: Settings) {
    this.names = new KeyNames(settings.prefix);
    this.#form = settings.form;
    this.#seal = settings.seal;
    this.#replicas = settings.replicas;
    this.#timeout = settings.timeout;
    this.secrets = settings.secrets;
    this.most = String(settings.mostBytes);
    this.#driver = settings.driver;
    this.#end = settings.close;
  }

  get closed(): boolean {
    return this.#isClosed;
  }

  get route(): Route {
    return this.#driver().route();
  }

  /** Whether values are sealed, so that the server cannot compute with them. */
  get seals(): boolean {
    return this.#seal !== null;
  }

  /** Returns the bytes to store for a value of a key. */
  store(key: unknown, value: unknown): Buffer {
    return stored(this.#sealed(key, encode(value, this.#form), 'value'));
  }

  /** Returns an encoded item of a key's list as it is stored. */
  storeItem(key: unknown, encoded: Buffer): Buffer {
    return this.#sealed(key, encoded, 'item');
  }

  /** Returns the encoded value in stored bytes of a key. */
  encodedOf(key: string, bytes: unknown): Buffer {
    return this.#opened(key, bytes, 'value');
  }

  /** Returns the value in stored bytes of a key. */
  valueOf(key: string, bytes: unknown): unknown {
    return this.#decoded(key, this.encodedOf(key, bytes));
  }

  /** Returns the item in a part of a key's list. */
  itemOf(key: string, bytes: unknown): unknown {
    return this.#decoded(key, this.#opened(key, bytes, 'item'));
  }

  /** Sends a command that reads one key: `args` follow its name on the server. */
  command(command: string, key: unknown, args: Argument[] = []): Promise<unknown> {
    const name = this.names.of(key);
    return this.#run(key as string, () => this.#driver().command(name, [command, name, ...args]));
  }

  /** Sends a command that changes one key. */
  change(command: string, key: unknown, args: Argument[]): Promise<unknown> {
    const name = this.names.of(key);
    return this.#run(key as string, () => this.#written(name, () => this.#driver().command(name, [command, name, ...args])));
  }

  /** Sends a command of two words about one key. */
  subcommand(command: string, word: string, key: unknown): Promise<unknown> {
    const name = this.names.of(key);
    return this.#run(key as string, () => this.#driver().command(name, [command, word, name]));
  }

  /** Runs a script about one key. */
  script(script: Script, key: unknown, args: Argument[]): Promise<unknown> {
    const name = this.names.of(key);
    return this.#run(key as string, () => this.#runScript(script, [name], args));
  }

  /** Runs a script about one key and its lease. */
  leaseScript(script: Script, key: unknown, args: Argument[]): Promise<unknown> {
    const name = this.names.of(key);
    return this.#run(key as string, () => this.#runScript(script, [name, this.names.leaseOf(name)], args));
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

  /** Lets work change keys on a master, and waits until enough replicas have the changes. */
  async changing(send: (args: Argument[]) => Promise<unknown>, work: () => Promise<void>): Promise<void> {
    const before = this.#driver().connections();
    await work();
    if (this.#replicas > 0) await this.#confirm(send, before);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#end();
  }

  #sealed(key: unknown, encoded: Buffer, place: Place): Buffer {
    return this.#seal === null ? encoded : this.#seal.close(encoded, this.names.of(key), place);
  }

  #decoded(key: string, encoded: Buffer): unknown {
    try {
      return decode(encoded);
    } catch (error) {
      throw Object.assign(error as Error, { key });
    }
  }

  #opened(key: string, bytes: unknown, place: Place): Buffer {
    try {
      return this.#unsealed(key, place === 'value' ? encodedOf(bytes) : (bytes as Buffer), place);
    } catch (error) {
      throw Object.assign(error as Error, { key });
    }
  }

  #unsealed(key: string, encoded: Buffer, place: Place): Buffer {
    if (this.#seal !== null) return this.#seal.open(encoded, this.names.of(key), place);
    if (isSealed(encoded)) throw new ShmError('ERR_SHM_UNTRUSTED', 'The server has a value that is sealed: "sealingKey" is needed to read it');
    return encoded;
  }

  #runScript(script: Script, keys: [string, ...string[]], args: Argument[]): Promise<unknown> {
    const run = (): Promise<unknown> => this.#driver().script(script, keys, args);
    return script.changes ? this.#written(keys[0], run) : run();
  }

  /** Waits until enough replicas have what `write` has written on the connection that it used. */
  async #written<T>(name: string, write: () => Promise<T>): Promise<T> {
    if (this.#replicas === 0) return write();
    const driver = this.#driver();
    const send = (args: Argument[]): Promise<unknown> => driver.beside(name, args);
    if (driver.connections() !== this.#connections) {
      await send(['PING']);
      this.#connections = driver.connections();
    }
    const before = this.#connections;
    const result = await write();
    await this.#confirm(send, before);
    return result;
  }

  /** Rejects unless enough replicas have what was written, and no connection was made anew, whose server knows of no write. */
  async #confirm(send: (args: Argument[]) => Promise<unknown>, before: number): Promise<void> {
    const reply = Number(await send(['WAIT', String(this.#replicas), String(Math.ceil(this.#timeout * WAITING))]));
    const isSame = this.#driver().connections() === before;
    if (isSame && reply >= this.#replicas) return;
    const found = isSame ? `${reply} of ${this.#replicas} replicas have it` : 'the connection was lost meanwhile';
    throw new ShmError('ERR_SHM_REMOTE', `The server has the write, but a failover may lose it: ${found}`);
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
