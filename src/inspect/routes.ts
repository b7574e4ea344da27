// The calls of the page, by their paths.
import type { ServerResponse } from 'node:http';
import type { Shell } from '../cli/shell.js';
import { deleteEntry, storeEntry } from './changes.js';
import { detailOf } from './detail.js';
import { streamChanges } from './feed.js';
import { findKeys } from './keys.js';
import { listObjects } from './objects.js';
import { measureRoom } from './room.js';
import { showValue } from './value.js';

export interface Surroundings {
  readonly shell: Shell;
  readonly readWrite: boolean;
}

/** Returns what is sent as JSON. `signal` is aborted when the page no longer waits for it. */
export type Read = (surroundings: Surroundings, parameters: URLSearchParams, signal: AbortSignal) => unknown;
export type Stream = (surroundings: Surroundings, parameters: URLSearchParams, response: ServerResponse) => Promise<void>;
export type Write = (surroundings: Surroundings, body: Record<string, unknown>) => unknown;

export const READS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['/api/objects', listObjects],
  ['/api/object', detailOf],
  ['/api/keys', findKeys],
  ['/api/value', showValue],
  ['/api/room', measureRoom],
]);

export const STREAMS: ReadonlyMap<string, Stream> = new Map([['/api/changes', streamChanges]]);

export const WRITES: ReadonlyMap<string, Write> = new Map<string, Write>([
  ['/api/store', storeEntry],
  ['/api/delete', deleteEntry],
]);
