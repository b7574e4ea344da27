// Messages to every other process: one ring for each, listed in a dictionary.
import { SharedDict, SharedRing, type Size } from 'shmkit';

export interface BusOptions {
  /** Servers with the same name hear each other. Default `socket.io`. */
  name?: string | undefined;
  /** Of the ring of each process. Default 4 MiB. */
  ringSize?: Size | undefined;
  dir?: string | undefined;
}

export class RingBus {
  /** Messages that found a full ring. */
  dropped = 0;
  readonly #id: string;
  readonly #dir: { dir?: string };
  readonly #members: SharedDict<number>;
  readonly #own: SharedRing;
  readonly #peers = new Map<string, SharedRing>();

  constructor(id: string, { name = 'socket.io', ringSize = '4mb', dir }: BusOptions, receive: (bytes: Buffer) => void) {
    this.#dir = dir === undefined ? {} : { dir };
    this.#id = `${name}.${id}`;
    this.#members = SharedDict.openOrCreate<number>(`${name}.members`, { size: '1mb', ...this.#dir });
    this.#own = SharedRing.create(this.#id, { size: ringSize, ...this.#dir });
    this.#members.set(this.#id, process.pid);
    void this.#listen(receive);
  }

  /** Sends to every other process, and waits for none: what does not fit is dropped and counted. */
  send(bytes: Buffer): void {
    const members = [...this.#members];
    this.#forgetAllBut(members.map(([id]) => id));
    for (const [id, pid] of members) if (id !== this.#id) this.#sendTo(id, pid, bytes);
  }

  close(): void {
    this.#members.delete(this.#id);
    this.#own.close();
    this.#forgetAllBut([]);
    this.#members.close();
  }

  async #listen(receive: (bytes: Buffer) => void): Promise<void> {
    for await (const bytes of this.#own) receive(bytes);
  }

  #sendTo(id: string, pid: number, bytes: Buffer): void {
    const ring = this.#ringOf(id);
    if (ring === undefined) return;
    if (ring.trySend(bytes)) return;
    this.dropped += 1;
    if (!isAlive(pid)) this.#remove(id);
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

  // The ring of a process that was killed.
  #remove(id: string): void {
    this.#members.delete(id);
    this.#peers.get(id)?.close();
    this.#peers.delete(id);
    SharedRing.unlink(id, this.#dir);
  }

  #forgetAllBut(ids: string[]): void {
    for (const [id, ring] of this.#peers) {
      if (ids.includes(id)) continue;
      ring.close();
      this.#peers.delete(id);
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
