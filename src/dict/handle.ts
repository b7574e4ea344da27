// An open handle of a dictionary.
import { ObjectHandle } from '../object/handle.js';
import { endWaitsFor } from '../object/wait-queue.js';
import type { Opened } from '../object/native-kind.js';
import { bindCodec, type HandleCodec } from './codecs.js';
import { HandleRecords } from './records.js';
import { LocalCache } from './local-cache.js';
import { dict } from './native.js';
import type { DictOptions } from './options.js';

export class DictHandle extends ObjectHandle {
  readonly codec: HandleCodec;
  /** Undefined if it is disabled, or if the runtime allows no views of memory. */
  cache: LocalCache | undefined;

  constructor(name: string, opened: Opened, { codec, cache }: DictOptions) {
    super(name, opened, dict.close);
    this.codec = bindCodec(codec, new HandleRecords(this), this.object);
    this.cache = cache && new LocalCache(opened.id, !opened.readOnly && dict.evicts(opened.id), cache);
  }

  override close(): void {
    if (this.id !== 0) this.cache?.close(this.object);
    this.cache = undefined;
    super.close();
    endWaitsFor(this, this.object);
  }
}
