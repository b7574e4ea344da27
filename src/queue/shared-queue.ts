// The public class of queues.
import { checkBoolean, checkInteger, checkString } from '../arguments/check.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { bytesOf } from '../arguments/size.js';
import { outOfRange } from '../addon/errors.js';
import { codecOf, type HandleCodec } from '../dict/codecs.js';
import { openValueOptions, VALUE_NAMES, type ValueHandleOptions } from '../dict/value-options.js';
import { storedOf } from '../dict/values.js';
import { ObjectHandle } from '../object/handle.js';
import { type KindStatics, kindStatics } from '../object/kind.js';
import { NamedObject, showOpened } from '../object/named-object.js';
import { NAMING_NAMES, PRUNE_NAMES, pruneOptionsOf, sizedOptions } from '../object/options.js';
import { NOT_YET } from '../object/spin.js';
import { notifyLocal, wait, WAIT_NAMES, waitOptions } from '../object/wait-queue.js';
import { wallTime } from '../object/wall-time.js';
import { WaitableObject } from '../object/waitable-object.js';
import { takeEach } from '../object/take-each.js';
import { delayOf, type JobSource, QueueJob } from './job.js';
import { type NativeJob, type NativeQueueOptions, queue } from './native.js';
import type { ListedQueue, PushOptions, QueueClaim, QueueClaimsOptions, QueueOptions, QueuePruneOptions, QueueStats } from './types.js';

/** Values per claim in the result of the addon's `claims`. */
const VALUES_PER_CLAIM = 4;
const MOST_UNITS = 255;
const MOST_ATTEMPTS = 65_535;

const QUEUE_NAMES: OptionNames<QueueOptions> = { ...NAMING_NAMES, ...VALUE_NAMES, size: true, maxSize: true, maxAttempts: true, wipe: true };
const PRUNE_OPTION_NAMES: OptionNames<QueuePruneOptions> = { ...PRUNE_NAMES, force: true };
const PUSH_NAMES: OptionNames<PushOptions> = { delay: true, id: true };
const CLAIMS_NAMES: OptionNames<QueueClaimsOptions> = { peek: true };

type Statics = KindStatics<SharedQueue, [options?: unknown], ListedQueue>;

/** Checked options, for the addon and the handle. */
type CheckedOptions = NativeQueueOptions & ValueHandleOptions;

const statics: Statics = kindStatics({
  native: queue,
  options: queueOptions,
  openOptions: openValueOptions,
  make: (name, opened, { codec }) => new SharedQueue(new ObjectHandle(name, opened, queue.close), codec),
  listed: ({ entries, ...rest }) => ({ ...rest, jobs: entries }),
});

export class SharedQueue<V = unknown> extends WaitableObject {
  static {
    showOpened(SharedQueue.prototype, (object) => {
      const id = NamedObject.idOf(object);
      const { ready, delayed, claimed, dead } = queue.stats(id, false);
      const { size, maxSize } = queue.space(id);
      return { ready, delayed, claimed, dead, taken: `${size} of ${maxSize} bytes` };
    });
  }

  readonly #codec: HandleCodec;
  readonly #source: JobSource;

  /** Internal: users call `create`, `open` and `openOrCreate`. */
  constructor(handle: ObjectHandle, own: HandleCodec) {
    super(handle);
    const codec = { ...own, object: handle.object };
    this.#codec = codec;
    this.#source = { codec, id: () => NamedObject.idOf(this), notify: () => notifyLocal(this) };
  }

  static readonly create: Statics['create'] = statics.create;
  static readonly open: Statics['open'] = statics.open;
  static readonly openOrCreate: Statics['openOrCreate'] = statics.openOrCreate;
  static readonly unlink: Statics['unlink'] = statics.unlink;
  static readonly list: Statics['list'] = statics.list;

  static prune(options?: unknown): string[] {
    const checked = checkOptions('options', options, PRUNE_OPTION_NAMES);
    return queue.prune({ ...pruneOptionsOf(checked), force: checkBoolean('options.force', checked.force) });
  }

  push(value: V, argument?: unknown): string | false {
    const { delay, id } = checkOptions('options', argument, PUSH_NAMES);
    const nanoseconds = delayOf(delay);
    if (id !== undefined) checkId('options.id', id);
    const { data, kind } = storedOf(value, this.#codec);
    const pushed = queue.push(NamedObject.idOf(this), data, kind, nanoseconds, id);
    notifyLocal(this);
    return pushed;
  }

  tryClaim(): QueueJob<V> | null {
    const job = queue.tryClaim(NamedObject.idOf(this), true);
    return job ? this.#job(job) : null;
  }

  async claim(argument?: unknown): Promise<QueueJob<V> | null> {
    const options = waitOptions(argument, WAIT_NAMES);
    const attempt = () => queue.tryClaim(NamedObject.idOf(this), false) || NOT_YET;
    const start = () => queue.claim(NamedObject.idOf(this), options.timeout);
    const claimed = (await wait(this, options, { attempt, start })) as NativeJob | number | undefined;
    if (claimed === undefined) return null;
    return this.#job(typeof claimed === 'number' ? queue.take(NamedObject.idOf(this), claimed) : claimed);
  }

  [Symbol.asyncIterator](): AsyncGenerator<QueueJob<V>, void, undefined> {
    return takeEach((signal) => this.#next(signal));
  }

  claims(argument?: unknown): QueueClaim[] {
    const { peek } = checkOptions('options', argument, CLAIMS_NAMES);
    const values = queue.claims(NamedObject.idOf(this), checkBoolean('options.peek', peek) ?? false);
    const claims: QueueClaim[] = [];
    for (let at = 0; at < values.length; at += VALUES_PER_CLAIM) {
      const [id, pid, age, attempts] = values.slice(at, at + VALUES_PER_CLAIM) as [string, number, number, number];
      claims.push({ id, pid, since: wallTime(age), attempts });
    }
    return claims;
  }

  release(id: string): boolean {
    return this.#notified(queue.release(NamedObject.idOf(this), checkId('id', id)));
  }

  dead(): Generator<QueueJob<V>, void, undefined> {
    return this.#each(queue.dead(NamedObject.idOf(this)));
  }

  retry(id: string): boolean {
    return this.#notified(queue.retry(NamedObject.idOf(this), checkId('id', id)));
  }

  discard(id: string): boolean {
    return queue.discard(NamedObject.idOf(this), checkId('id', id));
  }

  stats(): QueueStats {
    return queue.stats(NamedObject.idOf(this), true);
  }

  #job(job: NativeJob): QueueJob<V> {
    return new QueueJob<V>(this.#source, job);
  }

  *#each(numbers: number[]): Generator<QueueJob<V>, void, undefined> {
    for (let at = 0; at < numbers.length; at += 2) {
      const job = queue.deadJob(NamedObject.idOf(this), numbers[at] as number, numbers[at + 1] as number);
      if (job) yield this.#job(job);
    }
  }

  #notified(isReady: boolean): boolean {
    notifyLocal(this);
    return isReady;
  }

  /** Claims the next job; null once this handle is closed. */
  #next(signal: AbortSignal): Promise<QueueJob<V> | null> {
    return this.claim({ signal }).catch((error: unknown) => {
      if (this.closed) return null;
      throw error;
    });
  }
}

Object.defineProperty(SharedQueue.prototype, Symbol.toStringTag, { value: 'SharedQueue', configurable: true });

function checkId(name: string, id: unknown): string {
  const { length } = checkString(name, id);
  if (length < 1 || length > MOST_UNITS) throw outOfRange(`${name}.length`, `>= 1 and <= ${MOST_UNITS}`, length);
  return id as string;
}

function queueOptions(argument: unknown): CheckedOptions {
  const [{ maxSize, maxAttempts, wipe, codec, accept }, checked] = sizedOptions(argument, QUEUE_NAMES);
  return {
    ...checked,
    maxSize: maxSize === undefined ? undefined : bytesOf('options.maxSize', maxSize),
    maxAttempts: maxAttempts === undefined ? undefined : checkInteger('options.maxAttempts', maxAttempts, 1, MOST_ATTEMPTS),
    wipe: checkBoolean('options.wipe', wipe),
    codec: codecOf(codec, accept),
  };
}
