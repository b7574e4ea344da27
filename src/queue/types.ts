// Public types of queues.
import type { ListedObject, NamingOptions, ObjectOpenOptions, PruneOptions, WaitOptions } from '../object/named-types.js';
import type { Size, ValueOptions } from '../types.js';

/** Options of `SharedQueue.create`, and of `openOrCreate`, which compares them with an existing queue only if they are given. */
export interface QueueOptions extends NamingOptions, ValueOptions {
  /**
   * Bytes of the queue, at least 64 KiB, rounded up to a page. With `maxSize`, the bytes that it takes at first (default 1 MiB).
   * A job whose value takes up to 40 bytes takes 140 bytes, a larger one 140 more for every 120 bytes.
   */
  size?: Size | undefined;
  /**
   * Bytes that the queue may take: it begins small and grows. Rounded up like `size`. With `size` alone, it does not grow.
   * Default without `size`: 1 GiB.
   */
  maxSize?: Size | undefined;
  /** How often a job is handed out before it counts as dead, 1 to 65,535. Default 5. */
  maxAttempts?: number | undefined;
  /** Overwrite the value and the id of a job when it leaves the queue, and a value that `update` replaces. Default `false`. */
  wipe?: boolean | undefined;
}

/** Options of `SharedQueue.open`. */
export interface QueueOpenOptions extends ObjectOpenOptions, ValueOptions {}

/** Options of `push`. */
export interface PushOptions {
  /** Seconds until the job becomes ready. Default 0. */
  delay?: number | undefined;
  /** 1 to 255 code units, unique among the jobs in the queue. Default: the job's number in decimal. */
  id?: string | undefined;
}

/** Options of `claims`. */
export interface QueueClaimsOptions {
  /**
   * Look without the queue's lock, as a read-only handle has to. Claims that change meanwhile may be missing, and those of
   * processes that have died are listed until another call takes their jobs back. Default `false`.
   */
  peek?: boolean | undefined;
}

/** Options of `claim`. */
export type ClaimOptions = WaitOptions;

/** Options of `job.fail`. */
export interface FailOptions {
  /** Seconds until the job becomes ready again. Default 0. */
  delay?: number | undefined;
}

/** Options of `SharedQueue.prune`. */
export interface QueuePruneOptions extends PruneOptions {
  /** Remove leftovers that hold jobs, too, and the jobs with them. Default `false`. */
  force?: boolean | undefined;
}

/** A claimed job, or a dead one, which is claimed by no process. */
export interface QueueJob<V = unknown> {
  /** Its id. */
  readonly id: string;
  /**
   * What was pushed, or what the last `update` stored. Reading it throws `ERR_SHM_UNSUPPORTED` if this version of Node.js cannot read
   * the value, and `ERR_SHM_CORRUPT` if it is damaged; the job can be ended all the same.
   */
  readonly value: V;
  /** How often it has been handed out, this time included: 1 the first time. */
  readonly attempts: number;
  /**
   * Removes the job from the queue: it is done.
   *
   * Throws `ERR_SHM_NOT_CLAIMED` if this claim has ended: by `done` or `fail`, or because the job was released by hand.
   */
  done(): void;
  /**
   * Gives the job back. It becomes ready after `delay`, and comes after all jobs that are ready then; after the last of its attempts
   * it is dead.
   *
   * Throws `ERR_SHM_NOT_CLAIMED` as `done` does.
   */
  fail(options?: FailOptions): void;
  /**
   * Replaces the value, for the attempts after this one. A process that is killed leaves the old value or the new one.
   *
   * Throws `ERR_SHM_NOT_CLAIMED` as `done` does; `ERR_SHM_FULL`, and the value stays as it was.
   */
  update(value: V): void;
}

/** A claim in the result of `claims()`. */
export interface QueueClaim {
  /** The job's id. */
  id: string;
  /** The claimer's process. */
  pid: number;
  /** When the job was claimed, in milliseconds since 1970. */
  since: number;
  /** How often the job has been handed out. */
  attempts: number;
}

/** The state of a queue. */
export interface QueueStats {
  /** Jobs that can be claimed. */
  ready: number;
  /** Jobs that are not due yet. */
  delayed: number;
  /** Jobs that are claimed. */
  claimed: number;
  /** Jobs that were handed out as often as the queue allows. */
  dead: number;
  /** Jobs ever pushed. */
  pushed: number;
  /** Jobs ever done. */
  done: number;
  /** Claims that ended with `fail`. */
  failed: number;
  /** Claims that ended with their process, thread or handle, or by hand. */
  returned: number;
}

/** A queue in the result of `SharedQueue.list`. */
export interface ListedQueue extends ListedObject {
  /** The number of jobs, in whichever state. */
  jobs: number;
  /** Bytes that it may take, if it grows; `size` is what it takes. */
  maxSize?: number;
}
