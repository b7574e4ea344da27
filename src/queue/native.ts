// The addon's functions of queues. They are documented in crates/node/src/objects/queue.rs.
import { type HandleId, nativePart } from '../addon/native.js';
import type { NativeKind } from '../object/native-kind.js';
import type { SizedNativeOptions } from '../object/options.js';
import type { QueueStats } from './types.js';

export interface NativeQueueOptions extends SizedNativeOptions {
  maxSize?: number | undefined;
  maxAttempts?: number | undefined;
  wipe?: boolean | undefined;
}

/** The number of the claim (0: none), id, attempts, value, and the kind of a value that is a `Buffer`. */
export type NativeJob = readonly [claim: number, id: string, attempts: number, value: unknown, kind: number];

export interface NativeQueue extends NativeKind<NativeQueueOptions> {
  push(handle: HandleId, value: unknown, kind: number, delay: number, id: string | undefined): string | false;
  /** Returns false if another participant holds the lock. */
  tryClaim(handle: HandleId, mayBlock: boolean): NativeJob | undefined | false;
  /** Returns a ticket, if that is a number. */
  claim(handle: HandleId, timeout: number): NativeJob | undefined | number;
  take(handle: HandleId, claim: number): NativeJob;
  done(handle: HandleId, claim: number): void;
  fail(handle: HandleId, claim: number, delay: number): void;
  update(handle: HandleId, claim: number, value: unknown, kind: number): void;
  claims(handle: HandleId, peek: boolean): unknown[];
  release(handle: HandleId, id: string): boolean;
  dead(handle: HandleId): number[];
  deadJob(handle: HandleId, link: number, number: number): NativeJob | undefined;
  retry(handle: HandleId, id: string): boolean;
  discard(handle: HandleId, id: string): boolean;
  /** Without the lock, the counts may not belong together. */
  stats(handle: HandleId, mayBlock: boolean): QueueStats;
  /** The bytes that it takes, and may take. */
  space(handle: HandleId): { size: number; maxSize: number };
}

export const queue: NativeQueue = nativePart('queue');
