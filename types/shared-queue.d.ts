import type { ClaimOptions, ListedQueue, PushOptions, QueueClaim, QueueClaimsOptions, QueueJob, QueueOpenOptions, QueueOptions, QueuePruneOptions, QueueStats } from '../dist/queue/types.js';
import type { DirectoryOptions, Size } from '../dist/types.js';
import { WaitableObject } from './named-object.js';

export type { ClaimOptions, FailOptions, ListedQueue, PushOptions, QueueClaim, QueueClaimsOptions, QueueJob, QueueOpenOptions, QueueOptions, QueuePruneOptions, QueueStats } from '../dist/queue/types.js';

/**
 * Jobs for any number of processes and worker threads. A job is claimed by one of them at a time, and stays in the queue
 * until that one says that it is done. If its process dies or its thread ends, the job comes back, before all others.
 * So no job is lost, and delivery is at least once: a worker that is killed between its work and `done` has done it.
 *
 * Values are those of a dictionary: strings, numbers, booleans, bigints of 64 bits, `null`, bytes, and objects as `codec` stores
 * them; by default what structured clone copies.
 */
export class SharedQueue<V = unknown> extends WaitableObject {
  private constructor();

  /**
   * Creates a queue. The returned handle is its owner: when the handle is closed or collected, or its process or worker
   * ends, the name is removed. Other handles keep working. If a signal ends the process, SIGTERM included, the name
   * stays as a leftover; a handler that calls `process.exit` removes it, and `prune` and the next `create` remove one
   * without jobs.
   *
   * Never replaces a leftover that holds jobs: open that, or remove it with `unlink`. Throws `ERR_SHM_EXISTS`,
   * `ERR_SHM_NO_SPACE`, `ERR_SHM_INVALID_NAME`, `ERR_SHM_ACCESS`.
   */
  static create<V = unknown>(name: string, options?: QueueOptions | Size): SharedQueue<V>;
  /**
   * Opens an existing queue, a leftover too.
   *
   * Throws `ERR_SHM_NOT_FOUND`, `ERR_SHM_LAYOUT`, `ERR_SHM_UNTRUSTED`, `ERR_SHM_ACCESS`,
   * `ERR_SHM_TOO_MANY_PROCESSES`, `ERR_SHM_INVALID_NAME`.
   */
  static open<V = unknown>(name: string, options?: QueueOpenOptions): SharedQueue<V>;
  /**
   * Opens a queue, or creates it if the name is free, atomically. It has no owner: it lives until `unlink` or the next
   * reboot.
   *
   * Throws `ERR_SHM_OPTIONS_MISMATCH` if it exists with different options, and everything that `create` and `open` throw.
   */
  static openOrCreate<V = unknown>(name: string, options?: QueueOptions | Size): SharedQueue<V>;
  /** Removes a name, and the jobs with it, and returns whether it existed. Handles that have the queue open keep working. */
  static unlink(name: string, options?: DirectoryOptions): boolean;
  /**
   * Removes stale queues (owner gone, not `persist`, no live process attached) and returns their names. One that holds
   * jobs stays, unless `force` is set.
   */
  static prune(options?: QueuePruneOptions): string[];
  /** Returns all queues in the directory. */
  static list(options?: DirectoryOptions): ListedQueue[];

  /**
   * Pushes a job and returns its id, or `false` if the queue holds a job with this `id` already, in whichever state.
   * O(bytes).
   *
   * Throws `ERR_SHM_FULL` if there is no room, and then has changed nothing; `ERR_SHM_TOO_LARGE` if there never is.
   */
  push(value: V, options?: PushOptions): string | false;
  /** Claims the next job, or returns `null` if none is ready. O(bytes). */
  tryClaim(): QueueJob<V> | null;
  /**
   * Waits for a job and claims it, or returns `null` if the timeout passed. Does not block the event loop, and a pending
   * claim costs no thread.
   *
   * Rejects with an `AbortError` if the signal fires, and then has claimed nothing.
   */
  claim(options?: ClaimOptions): Promise<QueueJob<V> | null>;
  /**
   * Returns an iterator over jobs as they are claimed, until this handle is closed. A job is claimed only when the next one
   * is requested. While it waits, the loop keeps the process alive only after `ref()`.
   */
  [Symbol.asyncIterator](): AsyncGenerator<QueueJob<V>, void, undefined>;

  /**
   * Returns the claims of all processes, the oldest first. O(claims). With `peek: true` it takes no lock, and also works
   * with a read-only handle.
   */
  claims(options?: QueueClaimsOptions): QueueClaim[];
  /**
   * Ends a claim by hand, as if its process had died, and returns whether there was one. The claimer is not told: its `done`
   * then throws `ERR_SHM_NOT_CLAIMED`.
   */
  release(id: string): boolean;
  /** Returns the jobs that were handed out as often as the queue allows, the one that died first at the front. */
  dead(): Generator<QueueJob<V>, void, undefined>;
  /** Makes a dead job ready again, with 0 attempts, and returns whether there was one. */
  retry(id: string): boolean;
  /** Removes a dead job, and returns whether there was one. */
  discard(id: string): boolean;
  /** Returns the state of the queue. */
  stats(): QueueStats;
}
