// An open handle of a dictionary.
import { ObjectHandle } from '../object/handle.js';
import { endWaitsFor } from '../object/wait-queue.js';
import type { Opened } from '../object/native-kind.js';
import { bindCodec, type HandleCodec } from './codecs.js';
import { HandleRecords } from './records.js';
import { get } from './fast-calls.js';
import { deepFreeze } from './freeze.js';
import { LocalCache } from './local-cache.js';
import { dict } from './native.js';
import { valueOf } from './values.js';
import type { DictOptions } from './options.js';

export class DictHandle extends ObjectHandle {
  readonly codec: HandleCodec;
  /** Undefined if it is disabled, or if the runtime allows no views of memory. */
  cache: LocalCache | undefined;
  /** Called when it is closed. */
  readonly closing: Set<() => void> = new Set();

  constructor(name: string, opened: Opened, { codec, cache }: DictOptions) {
    super(name, opened, dict.close);
    this.codec = bindCodec(codec, new HandleRecords(this), this.object);
    this.cache = cache && new LocalCache(opened.id, !opened.readOnly && dict.evicts(opened.id), cache);
  }

  /** Returns what the addon would: the cache's value if that is current. */
  read(key: string): unknown {
    const { cache } = this;
    if (cache === undefined) return get(this.id, key);
    const cached = cache.read(key);
    return cached === undefined ? cache.fetch(key) : cached;
  }

  /** Returns the value, deeply frozen if it is plain: the same object while it is cached and current. */
  readFrozen(key: string): unknown {
    const { cache, codec } = this;
    const cached = cache?.readFrozen(key);
    if (cached !== undefined) return cached;
    if (cache !== undefined) return cache.fetchFrozen(key, (returned) => valueOf(returned, codec, key));
    const value = valueOf(get(this.id, key), codec, key);
    deepFreeze(value);
    return value;
  }

  override close(): void {
    if (this.id !== 0) this.cache?.close(this.object);
    this.cache = undefined;
    super.close();
    endWaitsFor(this, this.object);
    for (const close of this.closing) close();
  }
}
