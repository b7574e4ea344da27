// The addon: loading it, and what of it belongs to no kind of objects. Each kind types its own part. Numbers of
// handles, scans and leases are the addon's own; times are nanoseconds; a missing value is `undefined`. The comments
// are in crates/node/src.
import { createError, type ErrorDetails } from './errors.js';
import { loadAddon } from './loader.js';

/** The bundler puts it in: to read package.json takes a while. */
declare const PACKAGE_VERSION: string;

/** A number that names an open handle; 0 names none. */
export type HandleId = number;

type CreateError = (code: string, message: string, details?: ErrorDetails, ...received: unknown[]) => Error;

export interface Native {
  version(): string;
  configure(callFrame: ArrayBuffer, createError: CreateError): void;
  releaseNames(): void;
  configureWaits(receive: (results: unknown[]) => void): void;
  cancelWait(ticket: number): void;
  keepAliveForWaits(on: boolean): void;
  confirmWaits(): number;
  yieldProcessor(): void;
}

/** What a call takes and gives beside arguments and value: the fields are in crates/node/src/runtime/call_frame.rs. */
export const callFrameMemory: ArrayBuffer = new ArrayBuffer(72);

export const native: Native = load();

/** The functions of a kind of objects. */
export function nativePart<Part extends object>(name: string): Part {
  // The addon's own object has so many properties that V8 makes a hash table of it. A copy is one that it knows the
  // shape of, so that the compiler finds the functions without a look-up for every call.
  return { ...(native as unknown as Record<string, Part>)[name] } as Part;
}

function load(): Native {
  const addon = loadAddon(PACKAGE_VERSION) as Native;
  addon.configure(callFrameMemory, createError);
  return addon;
}
