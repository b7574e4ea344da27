import type { ClusterAdapterWithHeartbeat } from 'socket.io-adapter';
import type { Size } from '../../dist/types.js';

export interface ShmAdapterOptions {
  /** Servers with the same name hear each other. Default `socket.io`. */
  name?: string | undefined;
  /** Of the ring of each process. Default `4mb`. */
  ringSize?: Size | undefined;
  dir?: string | undefined;
  /** In ms. Default 5000. */
  heartbeatInterval?: number | undefined;
  /** In ms. Default 10000. */
  heartbeatTimeout?: number | undefined;
}

/**
 * Returns an adapter for `io.adapter`, which carries broadcasts to all processes of the machine.
 *
 * ```js
 * const io = new Server(server, { adapter: createAdapter() });
 * ```
 *
 * A message that finds the ring of another process full is dropped for it, and counted in `dropped`.
 */
export function createAdapter(options?: ShmAdapterOptions): ShmAdapterConstructor;

/** As socket.io takes it: called with `new`, or without. */
export interface ShmAdapterConstructor {
  (nsp: any): ShmAdapter;
  new (nsp: any): ShmAdapter;
}

export type ShmAdapter = ClusterAdapterWithHeartbeat & {
  /** How many messages were dropped: by this process, as another's ring was full, or as they could not be read. */
  readonly dropped: number;
};
