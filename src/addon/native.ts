// The addon's exports that belong to no kind of objects; each kind declares its own. Handles, scans and leases are
// numbers of the addon. Times are in nanoseconds; a missing value is `undefined`. The functions are documented in
// crates/node/src.
import { createError, type ErrorDetails } from './errors.js';
import { ArrayBuffer } from './intrinsics.js';
import { loadAddon } from './loader.js';

/** Inserted by the bundler, because reading package.json takes time. */
declare const PACKAGE_VERSION: string;

/** Identifies an open handle; 0 is never one. */
export type HandleId = number;

type CreateError = (code: string, message: string, details?: ErrorDetails, ...received: unknown[]) => Error;

/** Takes results of waits: ticket, whether the wait failed, and value or error in turn. */
type Receive = (results: unknown[]) => void;

/** The addon's own exports. Every copy of this module makes functions of its own, with handles and waits of their own. */
interface Addon {
  version(): string;
  instantiate(callFrame: ArrayBuffer, createError: CreateError, receive: Receive): Native;
}

export interface Native {
  cancelWait(ticket: number): void;
  keepAliveForWaits(on: boolean): void;
  confirmWaits(): number;
  yieldProcessor(): void;
  isLinked(handle: HandleId): boolean;
}

/** Passes values besides arguments and results; crates/node/src/runtime/call_frame.rs defines the fields. */
export const callFrameMemory: ArrayBuffer = new ArrayBuffer(104 + 2 * 32 * 1024);

let receiver: Receive = () => {};

export const native: Native = (loadAddon(PACKAGE_VERSION) as Addon).instantiate(callFrameMemory, createError, (results) => receiver(results));

/** Passes the results of waits to this function from now on. */
export function receiveResults(receive: Receive): void {
  receiver = receive;
}

/** Returns the functions of a kind of objects. */
export function nativePart<Part extends object>(name: string): Part {
  // The addon's object has enough properties for V8 to turn it into a hash table. A copy has a fixed shape, which lets
  // the compiler find the functions without a lookup in each call.
  return { ...(native as unknown as Record<string, Part>)[name] } as Part;
}
