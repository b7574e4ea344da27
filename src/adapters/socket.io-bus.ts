// Messages to every other process: one ring for each, listed in a dictionary.
import fs from 'node:fs';
import { SharedDict, SharedRing, type Size } from 'shmkit';

export interface BusOptions {
  /** Servers with the same name hear each other. Default `socket.io`. */
  name?: string | undefined;
  /** Of the ring of each process. Default 4 MiB. */
  ringSize?: Size | undefined;
  dir?: string | undefined;
}

/** Called by a bus. Neither may throw. */
export interface BusEvents {
  received(bytes: Buffer): void;
  /** With the ids of all processes that are there. */
  members(ids: ReadonlySet<string>): void;
}

export class RingBus {
  readonly id: string;
  /** Messages that another process was not given, because its ring was full or could not be used. */
  dropped = 0;
  readonly #dir: { dir?: string };
  readonly #members: SharedDict<string>;
  readonly #own: SharedRing;
  readonly #peers = new Map<string, SharedRing>();
  readonly #events: BusEvents;

  constructor(id: string, { name = 'socket.io', ringSize = '4mb', dir }: BusOptions, events: BusEvents) {
    this.#dir = dir === undefined ? {} : { dir };
    this.#events = events;
    this.id = `${name}.${id}`;
    this.#own = SharedRing.create(this.id, { size: ringSize, ...this.#dir });
    try {
      // It is read for every message, which takes the less time the smaller it is, so it begins small.
      this.#members = SharedDict.openOrCreate<string>(`${name}.members`, { maxSize: '1mb', ...this.#dir });
      this.#members.set(this.id, `${PROCESSES}${process.pid}`);
    } catch (error) {
      this.#own.close();
      throw error;
    }
    this.#listen().catch(warn);
  }

  /**
   * Sends to every other process, and waits for none: what does not fit is dropped and counted. Never throws, because
   * socket.io would then not send to the sockets of this process either.
   */
  send(bytes: Buffer): void {
    try {
      const ids = this.#livingMembers();
      this.#forgetAllBut(ids);
      this.#events.members(ids);
      for (const id of ids) if (id !== this.id) this.#sendTo(id, bytes);
    } catch {
      this.dropped += 1;
    }
  }

  /** Ends both directions. Never throws: an application that ends has no use for it. */
  close(): void {
    try {
      this.#members.delete(this.id);
      this.#members.close();
    } catch {
      // The list is gone, and with it the membership.
    }
    this.#own.close();
    this.#forgetAllBut(new Set());
  }

  async #listen(): Promise<void> {
    for await (const bytes of this.#own) this.#events.received(bytes);
  }

  // A process that was killed, or a worker that was terminated, is still in the list, until one that sends finds out.
  #livingMembers(): Set<string> {
    const ids = new Set<string>();
    for (const [id, member] of this.#members) {
      if (isDead(member) || this.#isRemoved(id)) this.#remove(id);
      else ids.add(id);
    }
    return ids;
  }

  /** Returns whether the name of a ring that is known has gone, as with the worker that owned it; its process goes on. */
  #isRemoved(id: string): boolean {
    return this.#peers.get(id)?.linked === false;
  }

  #sendTo(id: string, bytes: Buffer): void {
    try {
      if (this.#ringOf(id)?.trySend(bytes) === false) this.dropped += 1;
    } catch {
      // One process that cannot be reached must not keep the message from the others.
      this.dropped += 1;
    }
  }

  #ringOf(id: string): SharedRing | undefined {
    const known = this.#peers.get(id);
    if (known) return known;
    try {
      const ring = SharedRing.open(id, this.#dir);
      this.#peers.set(id, ring);
      return ring;
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_SHM_NOT_FOUND') throw error;
      this.#remove(id);
      return undefined;
    }
  }

  // What a process left that has ended without closing its server.
  #remove(id: string): void {
    this.#members.delete(id);
    this.#peers.get(id)?.close();
    this.#peers.delete(id);
    SharedRing.unlink(id, this.#dir);
  }

  #forgetAllBut(ids: ReadonlySet<string>): void {
    for (const [id, ring] of this.#peers) {
      if (ids.has(id)) continue;
      ring.close();
      this.#peers.delete(id);
    }
  }
}

/** Names the set of processes whose numbers mean something here: containers can share memory without sharing numbers. */
const PROCESSES = processNamespace();

function processNamespace(): string {
  try {
    return `${fs.readlinkSync('/proc/self/ns/pid')} `;
  } catch {
    return '';
  }
}

function isDead(member: string): boolean {
  if (typeof member !== 'string' || !member.startsWith(PROCESSES)) return false;
  try {
    process.kill(Number(member.slice(PROCESSES.length)), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function warn(error: unknown): void {
  process.emitWarning(`shmkit/socket.io no longer receives from other processes: ${String(error)}`);
}
