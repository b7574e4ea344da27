import type { Readable, Writable } from 'node:stream';
import type { ListedRing, RingCreateOptions, RingOptions, RingReceiveOptions, RingStats, RingStreamOptions, RingWaitOptions } from '../dist/ring/types.js';
import type { DirectoryOptions, Size } from '../dist/types.js';
import { type ObjectOpenOptions, type PruneOptions, WaitableObject } from './named-object.js';

export type { ListedRing, RingCreateOptions, RingOptions, RingReceiveOptions, RingStats, RingStreamOptions, RingWaitOptions } from '../dist/ring/types.js';

/**
 * Messages between processes and worker threads, over a ring of shared memory. There can be any number of senders and
 * receivers. Each message goes to exactly one receiver, and messages from one sender arrive in the order in which it
 * sent them. Killing a process at any instant loses at most the messages that it had just received, and blocks no other
 * process.
 *
 * A message is a `Uint8Array`, or a string, which is sent as UTF-8, of 0 bytes up to the ring's capacity minus 8. Small
 * received messages share 64 KiB of memory with their neighbours, like the buffers of Node's own pool: copy what you
 * keep for long.
 */
export class SharedRing extends WaitableObject {
  private constructor();

  /**
   * Creates a ring of the given size, or with the given options. The returned handle is its owner: when the handle is
   * closed or collected, or its process or worker ends, the name is removed. Other handles keep working. If a signal
   * ends the process, SIGTERM included, the name stays as a leftover until the next `create` of the name, or `prune`; a
   * handler that calls `process.exit` removes it.
   *
   * Throws `ERR_SHM_EXISTS`, `ERR_SHM_NO_SPACE`, `ERR_SHM_INVALID_NAME`, `ERR_SHM_ACCESS`.
   */
  static create(name: string, options: RingCreateOptions | Size): SharedRing;
  /**
   * Opens an existing ring.
   *
   * Throws `ERR_SHM_NOT_FOUND`, `ERR_SHM_LAYOUT`, `ERR_SHM_UNTRUSTED`, `ERR_SHM_ACCESS`,
   * `ERR_SHM_TOO_MANY_PROCESSES`, `ERR_SHM_INVALID_NAME`.
   */
  static open(name: string, options?: ObjectOpenOptions): SharedRing;
  /**
   * Opens a ring, or creates it if the name is free, atomically. It has no owner: it lives until `unlink` or the next
   * reboot.
   *
   * Throws `ERR_SHM_OPTIONS_MISMATCH` if it exists with a different size, and everything that `create` and `open` throw.
   */
  static openOrCreate(name: string, options?: RingOptions | Size): SharedRing;
  /** Removes a name and returns whether it existed. Handles that have the ring open keep working. */
  static unlink(name: string, options?: DirectoryOptions): boolean;
  /** Removes stale rings (owner gone, not `persist`, no live process attached) and returns their names. */
  static prune(options?: PruneOptions): string[];
  /** Returns all rings in the directory. */
  static list(options?: DirectoryOptions): ListedRing[];

  /**
   * Sends a message if there is room for it and no `send` on this handle is waiting, and returns whether it did.
   * O(bytes). Waits for a sender that is copying its message.
   *
   * Throws `ERR_SHM_TOO_LARGE` if the message would not fit into an empty ring, as do all calls that send, and
   * `ERR_SHM_LOCK_TIMEOUT` if that other sender makes no progress for 1 s.
   */
  trySend(data: Uint8Array | string): boolean;
  /**
   * Sends as many of the messages as there is room for, starting with the first, in one call, and returns how many. They
   * all appear at the same instant.
   *
   * Throws what `trySend` throws, and then has sent nothing.
   */
  trySendMany(messages: ReadonlyArray<Uint8Array | string>): number;
  /**
   * Waits for room and sends a message. Returns `true`, or `false` if the timeout passed. Does not block the event loop.
   * The data must not change until then. Calls on the same handle are served in order.
   *
   * Rejects with an `AbortError` if the signal fires, and then has sent nothing.
   */
  send(data: Uint8Array | string, options?: RingWaitOptions): Promise<boolean>;
  /**
   * Like `send`, but blocks this thread; a number stands for `{ timeout }`. Calls of `send` that are waiting go first. A
   * signal that has already fired throws an `AbortError`.
   */
  sendSync(data: Uint8Array | string, options?: RingWaitOptions | number): boolean;

  /**
   * Takes the next message and returns it, or `null` if there is none. O(bytes). Waits for a receiver that is copying a
   * message, as `trySend` does for a sender.
   */
  tryReceive(): Buffer | null;
  /**
   * Takes up to `max` of the available messages and returns them, small ones in one native call. Once it encounters a
   * message of more than 8 KiB, it takes no more bytes than the ring holds at that moment, however fast others send.
   *
   * With `peek: true` they stay in the ring, and each was in it when it was copied. That changes nothing, so it also works
   * with a read-only handle, and while `receive` is waiting.
   */
  tryReceiveMany(max: number, options?: RingReceiveOptions): Buffer[];
  /**
   * Takes the next message, copies it into `target` at `offset` (default 0), and returns its length in bytes, or -1 if
   * there is none. At least twice as fast as `tryReceive` for large messages, which spend their time on memory that is in
   * no cache.
   *
   * Throws `ERR_OUT_OF_RANGE` if `target` has no room for the message, or none at all, and then has taken nothing.
   */
  tryReceiveInto(target: Uint8Array, offset?: number): number;
  /**
   * Waits for a message, takes it and returns it, or returns `null` if the timeout passed. Does not block the event loop.
   * Calls on the same handle are served in order.
   *
   * Rejects with an `AbortError` if the signal fires, and then has taken nothing.
   */
  receive(options?: RingWaitOptions): Promise<Buffer | null>;
  /**
   * Like `receive`, but blocks this thread; a number stands for `{ timeout }`. Calls of `receive` that are waiting go first.
   * A signal that has already fired throws an `AbortError`.
   */
  receiveSync(options?: RingWaitOptions | number): Buffer | null;
  /**
   * Returns an iterator over messages as they arrive, until this handle is closed. A message is taken only when the next
   * one is requested. While it waits, the loop keeps the process alive only after `ref()`; so do the streams.
   */
  [Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined>;

  /** Returns the state of the ring. O(processes ever attached). */
  stats(): RingStats;

  /**
   * Returns a stream of messages as `Buffer`s, in object mode, so that messages are never joined. It ends when this
   * handle is closed. By default it takes a message only when a consumer reads, so that destroying it loses none.
   */
  readable(options?: RingStreamOptions): Readable;
  /**
   * Returns a stream that sends each chunk as a message and applies backpressure while the ring is full. Ending it does
   * not affect the ring or its receivers.
   */
  writable(options?: RingStreamOptions): Writable;
}
