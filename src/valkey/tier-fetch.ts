// Fetching what the tier lacks: once a host. The process that puts its mark in the key's place fetches, the others wait for
// the value that replaces it. What removes the key meanwhile removes the mark, and then the fetched value is not stored.
import { randomBytes } from 'node:crypto';
import type { SharedDict } from 'shmkit';
import type { Control } from './control.js';
import { decode } from './decoding.js';
import { FETCH } from './script.js';
import { arrayOf, secondsOf, type Server } from './server.js';
import { slotOf } from './slots.js';
import { Encoded, Mark, MISSING } from './tier-values.js';

export interface FetchOptions {
  /** Seconds that an entry stays in the tier at most; 0: no limit. */
  readonly maxTtl: number;
  /** Seconds that the tier remembers that the server lacks a key; 0: not at all. */
  readonly negativeTtl: number;
  readonly isCluster: boolean;
}

/** What one fetch brought. */
interface Fetched {
  /** The run of the server that answered. */
  readonly server: string;
  readonly encoded: Buffer | undefined;
  readonly value: unknown;
  /** Seconds left when it was sent; 0: never expires. */
  readonly ttl: number;
}

/** Seconds that a mark stands without being renewed: for that long others wait for a process that died. */
const MARK_TTL = 1;
const RENEW_MS = 400;
const NO_ROOM = new Set<string | undefined>(['ERR_SHM_FULL', 'ERR_SHM_TOO_LARGE', 'ERR_SHM_NO_SPACE']);
const MOST_AT_ONCE = 64;
/** Seconds after everything became suspect in which fetches are spread, and how far, in milliseconds. */
const HERD = 1;
const SPREAD_MS = 10;
const LONGEST_PAUSE_MS = 8;

export class Fetches {
  readonly #server: Server;
  readonly #tier: SharedDict;
  readonly #control: Control;
  readonly #options: FetchOptions;
  readonly #prefix = randomBytes(12).toString('latin1');
  /** The fetches of this process, by their marks. */
  readonly #running = new Map<string, Promise<unknown>>();
  readonly #queue: Array<() => void> = [];
  #ordinal = 0;
  #atOnce = 0;

  constructor(server: Server, tier: SharedDict, control: Control, options: FetchOptions) {
    this.#server = server;
    this.#tier = tier;
    this.#control = control;
    this.#options = options;
  }

  /**
   * Returns the value of a key that the tier lacks, and stores it there. `isTrusted` is asked before the tier is. What
   * `isLeftOut` is fetched by each caller, and not stored.
   */
  async fetch(key: string, isTrusted: () => boolean, isLeftOut: () => boolean): Promise<unknown> {
    for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      if (isLeftOut()) return this.#direct(key);
      const trusted = isTrusted();
      const found = this.#tier.get(key);
      if (!(found instanceof Mark)) {
        if (found !== undefined && trusted) return found;
        const fetched = found === undefined ? this.#lead(key) : this.#direct(key);
        if (fetched !== undefined) return fetched;
        continue;
      }
      if (found.fetch === MISSING.fetch) return trusted ? undefined : this.#direct(key);
      const running = this.#running.get(found.fetch);
      if (running !== undefined) {
        // Objects are decoded for each caller: the tier has the value now, unless it was removed again.
        const value = await running;
        if (typeof value !== 'object' || value === null) return value;
        pause = 1;
        continue;
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** Puts a mark in the key's place and fetches; returns undefined if another process was first. */
  #lead(key: string): Promise<unknown> | undefined {
    this.#ordinal += 1;
    const mark = new Mark(this.#prefix + this.#ordinal);
    try {
      if (!this.#tier.add(key, mark, MARK_TTL)) return undefined;
    } catch (error) {
      // A tier that has no room for the key is none for it.
      if (NO_ROOM.has((error as NodeJS.ErrnoException).code)) return this.#direct(key);
      throw error;
    }
    const fetching = this.#fill(key, mark).finally(() => this.#running.delete(mark.fetch));
    this.#running.set(mark.fetch, fetching);
    return fetching;
  }

  async #fill(key: string, mark: Mark): Promise<unknown> {
    let version = this.#versionOf(key, mark);
    const renewal = setInterval(() => {
      try {
        if (version !== undefined && this.#tier.set(key, mark, { ifVersion: version, ttl: MARK_TTL })) version = this.#versionOf(key, mark);
      } catch {
        // Without its mark, the fetched value is not stored.
      }
    }, RENEW_MS);
    try {
      const sent = this.#control.now();
      const fetched = await this.#read(key);
      if (version !== undefined) this.#store(key, version, fetched, this.#control.now() - sent);
      return fetched.value;
    } catch (error) {
      if (version !== undefined) this.#tier.delete(key, { ifVersion: version });
      throw error;
    } finally {
      clearInterval(renewal);
    }
  }

  /** Returns the version of the mark if it stands. */
  #versionOf(key: string, mark: Mark): bigint | undefined {
    const entry = this.#tier.getEntry(key);
    return entry?.value instanceof Mark && entry.value.fetch === mark.fetch ? entry.version : undefined;
  }

  /** Replaces the mark, if it still has this version. */
  #store(key: string, version: bigint, { server, encoded, value, ttl }: Fetched, elapsed: number): void {
    const { maxTtl, negativeTtl } = this.#options;
    const left = ttl === 0 ? Infinity : ttl - elapsed;
    const longest = value === undefined ? negativeTtl : maxTtl || Infinity;
    const kept = Math.min(left, longest);
    if (kept <= 0 || !this.#isTracked(key, server)) {
      this.#tier.delete(key, { ifVersion: version });
      return;
    }
    const stored = encoded === undefined ? MISSING : isObject(value) ? new Encoded(encoded) : value;
    try {
      this.#tier.set(key, stored, { ifVersion: version, ...(kept === Infinity ? {} : { ttl: kept }) });
    } catch {
      // A value that does not fit is fetched each time. Its mark must not keep others waiting.
      this.#tier.delete(key, { ifVersion: version });
    }
  }

  /**
   * Returns whether the server is the one that is tracked for the key. Another one may have been replaced without knowing it,
   * and answer what was written over elsewhere.
   */
  #isTracked(key: string, server: string): boolean {
    const servers = this.#control.servers();
    if (servers === undefined) return true;
    return servers.ownerOf(this.#options.isCluster ? slotOf(this.#server.names.of(key)) : 0) === server;
  }

  /** Fetches past an entry that is not trusted, and leaves that in place. */
  async #direct(key: string): Promise<unknown> {
    return (await this.#read(key)).value;
  }

  async #read(key: string): Promise<Fetched> {
    await this.#enter();
    try {
      if (this.#control.sinceEpoch() < HERD) await new Promise((resolve) => setTimeout(resolve, Math.random() * SPREAD_MS));
      this.#control.count('fetches', 1);
      const [run, bytes, left] = arrayOf(await this.#server.script(FETCH, key, [this.#server.most]));
      const server = String(run);
      if (bytes === undefined) return { server, encoded: undefined, value: undefined, ttl: 0 };
      const encoded = this.#server.encodedOf(key, bytes);
      return { server, encoded, value: decode(encoded), ttl: secondsOf(left) };
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#atOnce >= MOST_AT_ONCE) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#atOnce += 1;
  }

  #leave(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#atOnce -= 1;
    else next();
  }
}

/** Returns whether the tier stores a value in its encoded form. */
function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Buffer.isBuffer(value);
}
