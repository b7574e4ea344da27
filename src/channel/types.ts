// Public types of channels.
import type { ListedObject, NamingOptions, ObjectOpenOptions } from '../object/named-types.js';
import type { Size, ValueOptions } from '../types.js';

/** Options of `SharedChannel.create`. */
export interface ChannelCreateOptions extends NamingOptions, ValueOptions {
  /**
   * Bytes for messages, rounded up to a page. Each message takes 16 bytes more than its value, rounded up to 8. The more
   * there are, the longer a subscriber may be slow and miss nothing.
   */
  size: Size;
}

/** Options of `SharedChannel.openOrCreate`, compared with an existing channel only if they are given. */
export type ChannelOptions = Partial<ChannelCreateOptions>;

/** Options of `SharedChannel.open`. */
export interface ChannelOpenOptions extends ObjectOpenOptions, ValueOptions {}

/** Options of `subscribe`. */
export interface SubscribeOptions {
  /** Ends the subscription when aborted. */
  signal?: AbortSignal | undefined;
  /** Where to start: with the next message (default), or with the oldest one that is still there. */
  from?: 'now' | 'oldest' | undefined;
}

/** A message as a subscriber hears it. */
export interface ChannelMessage<V = unknown> {
  /** What was posted. */
  value: V;
  /** What `post` returned: 1 for the first message of the channel, and one more for each further one. */
  sequence: bigint;
  /** How many messages this subscriber lost directly before this one, because it was slower than the posters. */
  missed: number;
}

/** The state of a channel. */
export interface ChannelStats {
  /** Bytes of the ring. */
  capacity: number;
  /** Bytes in use by messages. */
  used: number;
  /** The number of messages that can still be heard. */
  messages: number;
  /** The number of messages ever posted. */
  posted: number;
  /** How often a poster took over from one that died while it posted. The message of that one is there or is not; it never leaves a gap. */
  takeovers: number;
  /** The number of processes that have it open for writing. */
  processes: number;
}

/** A channel in the result of `SharedChannel.list`. */
export interface ListedChannel extends ListedObject {
  /** The number of messages that can still be heard. */
  messages: number;
}
