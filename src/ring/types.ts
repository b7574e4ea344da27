// Public types of rings.
import type { ListedObject, NamingOptions, WaitOptions } from '../object/named-types.js';
import type { Size } from '../types.js';

/** Options of `SharedRing.create`. */
export interface RingCreateOptions extends NamingOptions {
  /** Bytes for messages, each of which takes 8 more and is rounded up to 8; rounded up to a page. */
  size: Size;
}

/** Options of `SharedRing.openOrCreate`; compared with what is found only where given. */
export type RingOptions = Partial<RingCreateOptions>;

/** Options of `send` and `receive`. */
export type RingWaitOptions = WaitOptions;

/** Options of `readable` and `writable`. */
export interface RingStreamOptions {
  /** Destroys the stream, with an `AbortError`. */
  signal?: AbortSignal | undefined;
  /** Bytes that a writable stream, and messages that a readable one, hold back at most; see Node's streams. */
  highWaterMark?: number | undefined;
}

/** What there is in a ring. */
export interface RingStats {
  /** Bytes of the ring. */
  capacity: number;
  /** Bytes that messages take now. */
  used: number;
  /** Messages in it now. */
  messages: number;
  /** Messages ever sent, and ever received; the last ones of killed processes may count though they never were. */
  sent: number;
  received: number;
  /** How many processes have it open for more than looking. */
  processes: number;
  /**
   * How often a sender, or a receiver, went on at an end whose last user had died in the middle: of a dead sender all
   * messages of its call are there or none is, of a dead receiver all are taken, and lost with it, or all go to the next.
   */
  takeovers: { senders: number; receivers: number };
}

/** One line of `SharedRing.list`. */
export interface ListedRing extends ListedObject {
  /** Messages in it. */
  messages: number;
}
