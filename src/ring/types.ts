// Public types of rings.
import type { ListedObject, NamingOptions, WaitOptions } from '../object/named-types.js';
import type { Size } from '../types.js';

/** Options of `SharedRing.create`. */
export interface RingCreateOptions extends NamingOptions {
  /** Bytes for messages, rounded up to a page. Each message takes 8 bytes more than its length, rounded up to 8. */
  size: Size;
  /** Overwrite messages as soon as they are received. Default `false`. */
  wipe?: boolean | undefined;
}

/** Options of `SharedRing.openOrCreate`, compared with an existing ring only if they are given. */
export type RingOptions = Partial<RingCreateOptions>;

/** Options of `send` and `receive`. */
export type RingWaitOptions = WaitOptions;

/** Options of `tryReceiveMany`. */
export interface RingReceiveOptions {
  /** Leave the messages in the ring. Also works with a read-only handle, and waits for no receiver. Default `false`. */
  peek?: boolean | undefined;
}

/** Options of `readable` and `writable`. */
export interface RingStreamOptions {
  /** Destroys the stream with an `AbortError` when aborted. */
  signal?: AbortSignal | undefined;
  /** The limit of the stream's buffer, in bytes if writable, in messages if readable; see Node's streams. */
  highWaterMark?: number | undefined;
}

/** The state of a ring. */
export interface RingStats {
  /** Bytes of the ring. */
  capacity: number;
  /** Bytes in use by messages. */
  used: number;
  /** The number of messages in the ring. */
  messages: number;
  /** The number of messages ever sent. May include the last ones of killed senders, even if those never got in. */
  sent: number;
  /** The number of messages ever received. May include the last ones of killed receivers, as for `sent`. */
  received: number;
  /** The number of processes that have it open for writing. */
  processes: number;
  /**
   * How often a sender, or a receiver, took over an end of the ring whose last user had died midway. Of a dead sender's
   * call, either all messages are in the ring or none is. Of a dead receiver's call, either all messages are lost with it
   * or all go to the next receiver.
   */
  takeovers: { senders: number; receivers: number };
}

/** A ring in the result of `SharedRing.list`. */
export interface ListedRing extends ListedObject {
  /** The number of messages in the ring. */
  messages: number;
}
