// Jobs as claimers see them.
import { checkFinite } from '../arguments/check.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { nanoseconds } from '../arguments/ttl.js';
import { outOfRange, ShmError } from '../addon/errors.js';
import type { HandleCodec } from '../dict/codecs.js';
import { reviveStored, storedOf } from '../dict/values.js';
import { type NativeJob, queue } from './native.js';
import type { FailOptions, QueueJob as PublicJob } from './types.js';

const FAIL_NAMES: OptionNames<FailOptions> = { delay: true };

/** The queue of a job. */
export interface JobSource {
  readonly codec: HandleCodec;
  id(): number;
  /** Called after a job became ready. */
  notify(): void;
}

/** Checks a delay in seconds; returns nanoseconds. */
export function delayOf(delay: unknown): number {
  if (delay === undefined) return 0;
  if (checkFinite('options.delay', delay) < 0) throw outOfRange('options.delay', '>= 0', delay);
  return nanoseconds('options.delay', delay);
}

function raise(error: unknown): never {
  throw error;
}

export class QueueJob<V> implements PublicJob<V> {
  readonly id: string;
  readonly value!: V;
  readonly attempts: number;
  readonly #source: JobSource;
  /** The addon's number of the claim; 0 once it has ended. */
  #claim: number;

  constructor(source: JobSource, [claim, id, attempts, value, kind]: NativeJob) {
    this.#source = source;
    this.#claim = claim;
    this.id = id;
    this.attempts = attempts;
    try {
      this.value = reviveStored(value, kind, source.codec) as V;
    } catch (error) {
      // The claimer of a value that it cannot read has the job all the same, and can end the claim.
      Object.defineProperty(this, 'value', { get: () => raise(error), enumerable: true, configurable: true });
    }
  }

  done(): void {
    this.#end((handle, claim) => queue.done(handle, claim));
  }

  fail(argument?: unknown): void {
    const delay = delayOf(checkOptions('options', argument, FAIL_NAMES).delay);
    this.#end((handle, claim) => queue.fail(handle, claim, delay));
    this.#source.notify();
  }

  update(value: V): void {
    const { data, kind } = storedOf(value, this.#source.codec);
    queue.update(this.#source.id(), this.#current(), data, kind);
    Object.defineProperty(this, 'value', { value, writable: true });
  }

  #current(): number {
    if (this.#claim === 0) throw new ShmError('ERR_SHM_NOT_CLAIMED', `the job ${JSON.stringify(this.id)} is not claimed by this handle any more`, { object: this.#source.codec.object });
    return this.#claim;
  }

  #end(work: (handle: number, claim: number) => void): void {
    const handle = this.#source.id();
    const claim = handle === 0 ? this.#claim : this.#current();
    try {
      work(handle, claim);
    } catch (error) {
      if (error instanceof ShmError && error.code === 'ERR_SHM_NOT_CLAIMED') this.#claim = 0;
      throw error;
    }
    this.#claim = 0;
  }
}

Object.defineProperty(QueueJob.prototype, Symbol.toStringTag, { value: 'QueueJob', configurable: true });
