import type { Readable, Writable } from 'node:stream';
import type { ListedRing, RingCreateOptions, RingOptions, RingStats, RingStreamOptions, RingWaitOptions } from '../dist/ring/types.js';
import type { DirectoryOptions, Size } from '../dist/types.js';
import { type ObjectOpenOptions, WaitableObject } from './named-object.js';

export type { ListedRing, RingCreateOptions, RingOptions, RingStats, RingStreamOptions, RingWaitOptions } from '../dist/ring/types.js';

/**
 * Messages between processes and worker threads, over a ring of shared memory. Any number of senders and receivers;
 * each message goes to exactly one receiver, and those of one sender arrive in the order in which they were sent.
 * A message is bytes, 0 to the ring's capacity less 8. Killing anybody at any instant loses at most the messages that
 * a receiver had just taken, and stops nobody.
 *
 * Data is a `Uint8Array` or a string, which is sent as UTF-8. Small received messages share 64 KiB of memory with their
 * neighbours, as the buffers of Node's own pool do: copy what you keep for long.
 */
export class SharedRing extends WaitableObject {
  private constructor();

  /**
   * Makes a new ring of this size or with these options. The handle is its owner: when it closes, is collected, or its
   * process or worker ends, the name is removed; those who have it open go on. Throws `ERR_SHM_EXISTS`,
   * `ERR_SHM_NO_SPACE`, `ERR_SHM_INVALID_NAME`, `ERR_SHM_ACCESS`.
   */
  static create(name: string, options: RingCreateOptions | Size): SharedRing;
  /**
   * Attaches to an existing ring. Throws `ERR_SHM_NOT_FOUND`, `ERR_SHM_LAYOUT`, `ERR_SHM_UNTRUSTED`, `ERR_SHM_ACCESS`,
   * `ERR_SHM_TOO_MANY_PROCESSES`, `ERR_SHM_INVALID_NAME`.
   */
  static open(name: string, options?: ObjectOpenOptions): SharedRing;
  /**
   * Attaches, or creates atomically. Nobody is the owner: it lives until `unlink` or reboot. Throws
   * `ERR_SHM_OPTIONS_MISMATCH` if it exists with another size, and what the two others throw.
   */
  static openOrCreate(name: string, options?: RingOptions | Size): SharedRing;
  /** Removes a name; those who have it open go on. True if there was one. */
  static unlink(name: string, options?: DirectoryOptions): boolean;
  /** Removes all leftovers: owned, not `persist`, nobody alive attached. Their names. */
  static prune(options?: DirectoryOptions): string[];
  /** All rings of the directory. */
  static list(options?: DirectoryOptions): ListedRing[];

  /**
   * Sends a message if there is room for it now and no `send` of this handle waits; whether it did. O(bytes). Waits for
   * another sender at work, and throws `ERR_SHM_LOCK_TIMEOUT` if that one is stopped for 1 s. Throws
   * `ERR_SHM_TOO_LARGE` for what no empty ring could take, as all ways to send do.
   */
  trySend(data: Uint8Array | string): boolean;
  /**
   * Sends as many of these messages as there is room for, from the first on, in one call; how many. They appear all at
   * once. Throws like `trySend`, and has sent nothing then.
   */
  trySendMany(messages: ReadonlyArray<Uint8Array | string>): number;
  /**
   * Waits for room and sends a message: true, or false if the timeout passed. The data must not change before. The
   * event loop stays free. Several calls are served in their order. Rejects with an `AbortError`, and then has sent
   * nothing.
   */
  send(data: Uint8Array | string, options?: RingWaitOptions): Promise<boolean>;
  /** As `send`, but blocks this thread for `timeout` seconds at most (default: as long as it takes). */
  sendSync(data: Uint8Array | string, timeout?: number): boolean;

  /** Takes the next message; null if there is none. Waits for another receiver at work as `trySend` does. O(bytes). */
  tryReceive(): Buffer | null;
  /**
   * Takes up to `max` messages that are there, small ones in one call of the addon. They are gone from the ring then. Once it
   * meets one of more than 8 KiB, it takes no more bytes than there are at that moment, however fast others send.
   */
  tryReceiveMany(max: number): Buffer[];
  /**
   * Takes the next message and copies it to `target` from `offset` on; its bytes, or -1 if there is none. Twice as
   * fast as `tryReceive` and more for large messages, whose time goes into memory that is in no cache. Throws
   * `ERR_OUT_OF_RANGE` if there is no room for it, or none at all, and takes nothing then.
   */
  tryReceiveInto(target: Uint8Array, offset?: number): number;
  /**
   * Waits for a message and takes it; null if the timeout passed. The event loop stays free. Several calls are served
   * in their order. Rejects with an `AbortError`, and then has taken nothing.
   */
  receive(options?: RingWaitOptions): Promise<Buffer | null>;
  /** As `receive`, but blocks this thread for `timeout` seconds at most (default: as long as it takes). */
  receiveSync(timeout?: number): Buffer | null;
  /**
   * Messages as they come, until this handle is closed. Each is taken when it is asked for. Only after `ref()` does the
   * loop keep the process while it waits, as is true of streams.
   */
  [Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined>;

  /** What there is. O(processes ever attached). */
  stats(): RingStats;

  /**
   * Messages as a stream of `Buffer`s, in object mode, so that none is joined with another. It ends when this handle is
   * closed. By default it takes a message only when somebody asks for one, so that a destroyed stream loses none.
   */
  readable(options?: RingStreamOptions): Readable;
  /** A stream whose chunks are sent as messages. It holds back when the ring is full. Ending it ends nothing for others. */
  writable(options?: RingStreamOptions): Writable;
}
