import type { ChannelCreateOptions, ChannelMessage, ChannelOpenOptions, ChannelOptions, ChannelStats, ListedChannel, SubscribeOptions } from '../dist/channel/types.js';
import type { DirectoryOptions, Size } from '../dist/types.js';
import { type PruneOptions, WaitableObject } from './named-object.js';

export type { ChannelCreateOptions, ChannelMessage, ChannelOpenOptions, ChannelOptions, ChannelStats, ListedChannel, SubscribeOptions } from '../dist/channel/types.js';

/**
 * A broadcast between processes and worker threads, over a ring of shared memory: every subscriber hears every message,
 * in the same order. The oldest messages give way to new ones, so posters never wait for subscribers, and a subscriber
 * that is too slow is told exactly how many messages it has missed. Killing a process at any instant leaves its last
 * message there as a whole or not at all.
 *
 * Values are those of a dictionary: strings, numbers, booleans, bigints of 64 bits, `null`, bytes, and objects as `codec` stores
 * them; by default what structured clone copies.
 */
export class SharedChannel<V = unknown> extends WaitableObject {
  private constructor();

  /**
   * Creates a channel of the given size, or with the given options. The returned handle is its owner: when the handle
   * is closed or collected, or its process or worker ends, the name is removed. Other handles keep working. If a signal
   * ends the process, SIGTERM included, the name stays as a leftover until the next `create` of the name, or `prune`; a
   * handler that calls `process.exit` removes it.
   *
   * Throws `ERR_SHM_EXISTS`, `ERR_SHM_NO_SPACE`, `ERR_SHM_INVALID_NAME`, `ERR_SHM_ACCESS`.
   */
  static create<V = unknown>(name: string, options: ChannelCreateOptions | Size): SharedChannel<V>;
  /**
   * Opens an existing channel.
   *
   * Throws `ERR_SHM_NOT_FOUND`, `ERR_SHM_LAYOUT`, `ERR_SHM_UNTRUSTED`, `ERR_SHM_ACCESS`,
   * `ERR_SHM_TOO_MANY_PROCESSES`, `ERR_SHM_INVALID_NAME`.
   */
  static open<V = unknown>(name: string, options?: ChannelOpenOptions): SharedChannel<V>;
  /**
   * Opens a channel, or creates it if the name is free, atomically. It has no owner: it lives until `unlink` or the next
   * reboot.
   *
   * Throws `ERR_SHM_OPTIONS_MISMATCH` if it exists with a different size, and everything that `create` and `open` throw.
   */
  static openOrCreate<V = unknown>(name: string, options?: ChannelOptions | Size): SharedChannel<V>;
  /** Removes a name and returns whether it existed. Handles that have the channel open keep working. */
  static unlink(name: string, options?: DirectoryOptions): boolean;
  /** Removes stale channels (owner gone, not `persist`, no live process attached) and returns their names. */
  static prune(options?: PruneOptions): string[];
  /** Returns all channels in the directory. */
  static list(options?: DirectoryOptions): ListedChannel[];

  /**
   * Posts a value to all subscribers of all processes, this one included, and returns its sequence number: 1 for the first
   * message, and one more for each further one. O(bytes). Waits only for another poster that is copying its message.
   *
   * Throws `ERR_SHM_TOO_LARGE` above a quarter of the ring; `ERR_SHM_LOCK_TIMEOUT` with the other poster's `pid` if that
   * makes no progress for 1 s, because it is stopped.
   */
  post(value: V): bigint;
  /**
   * Starts a subscription, which is in effect from this call on, and returns an iterator over the messages. It ends by
   * `break` or `return()`, when the signal fires, and when this handle is closed. While it waits, it keeps the process
   * alive only after `ref()`.
   *
   * A subscription costs nothing in shared memory, so any number may exist, and one that is not read holds up no other.
   */
  subscribe(options?: SubscribeOptions): AsyncIterableIterator<ChannelMessage<V>>;
  /** Returns the state of the channel. O(processes ever attached). */
  stats(): ChannelStats;
}
