// The public class of channels.
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { checkSignal } from '../arguments/signal.js';
import { wrongValue } from '../addon/errors.js';
import { callFrame } from '../dict/call-frame.js';
import { codecOf, type HandleCodec } from '../dict/codecs.js';
import { openValueOptions, VALUE_NAMES, type ValueHandleOptions } from '../dict/value-options.js';
import { PLAIN } from '../dict/value-kinds.js';
import { storedOf } from '../dict/values.js';
import { ObjectHandle } from '../object/handle.js';
import { type KindStatics, kindStatics } from '../object/kind.js';
import { NamedObject, showOpened } from '../object/named-object.js';
import { NAMING_NAMES, sizedOptions, type SizedNativeOptions, withSize } from '../object/options.js';
import { notifyLocal } from '../object/wait-queue.js';
import { WaitableObject } from '../object/waitable-object.js';
import { channel } from './native.js';
import { Subscription } from './subscription.js';
import type { ChannelMessage, ChannelOptions, ChannelStats, ListedChannel, SubscribeOptions } from './types.js';

const CHANNEL_NAMES: OptionNames<ChannelOptions> = { ...NAMING_NAMES, ...VALUE_NAMES, size: true };
const SUBSCRIBE_NAMES: OptionNames<SubscribeOptions> = { signal: true, from: true };

type Statics = KindStatics<SharedChannel, [options?: unknown], ListedChannel>;

const statics: Statics = kindStatics({
  native: channel,
  options: channelOptions,
  createOptions: (argument) => withSize(channelOptions(argument)),
  openOptions: openValueOptions,
  make: (name, opened, { codec }) => new SharedChannel(new ObjectHandle(name, opened, channel.close), codec),
  listed: ({ entries, ...rest }) => ({ ...rest, messages: entries }),
});

export class SharedChannel<V = unknown> extends WaitableObject {
  readonly #codec: HandleCodec;

  /** Internal: users call `create`, `open` and `openOrCreate`. */
  constructor(handle: ObjectHandle, codec: HandleCodec) {
    super(handle);
    this.#codec = { ...codec, object: handle.object };
  }

  static readonly create: Statics['create'] = statics.create;
  static readonly open: Statics['open'] = statics.open;
  static readonly openOrCreate: Statics['openOrCreate'] = statics.openOrCreate;
  static readonly unlink: Statics['unlink'] = statics.unlink;
  static readonly prune: Statics['prune'] = statics.prune;
  static readonly list: Statics['list'] = statics.list;

  post(value: V): bigint {
    const { data, kind } = storedOf(value, this.#codec);
    if (kind === PLAIN) channel.post(NamedObject.idOf(this), data);
    else channel.post(NamedObject.idOf(this), data, kind);
    const sequence = callFrame.version();
    notifyLocal(this);
    return sequence;
  }

  subscribe(argument?: unknown): AsyncIterableIterator<ChannelMessage<V>> {
    const { signal, from = 'now' } = checkOptions('options', argument, SUBSCRIBE_NAMES);
    checkSignal('options.signal', signal);
    if (from !== 'now' && from !== 'oldest') throw wrongValue('options.from', "must be 'now' or 'oldest'", from);
    const source = { owner: this, codec: this.#codec, id: () => NamedObject.idOf(this), isClosed: () => this.closed };
    return new Subscription<V>(source, from === 'oldest', signal);
  }

  stats(): ChannelStats {
    return channel.stats(NamedObject.idOf(this));
  }
}

Object.defineProperty(SharedChannel.prototype, Symbol.toStringTag, { value: 'SharedChannel', configurable: true });
showOpened(SharedChannel.prototype, (object) => {
  const { messages, used, capacity } = object.stats();
  return { messages, used: `${used} of ${capacity} bytes` };
});

function channelOptions(argument: unknown): SizedNativeOptions & ValueHandleOptions {
  const [{ codec, accept }, checked] = sizedOptions(argument, CHANNEL_NAMES);
  return { ...checked, codec: codecOf(codec, accept) };
}
