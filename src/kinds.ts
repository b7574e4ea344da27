// The table of all kinds of named objects.
import { SharedChannel } from './channel/shared-channel.js';
import { SharedDict } from './dict/shared-dict.js';
import { SharedLocks } from './locks/shared-locks.js';
import { SharedMutex } from './mutex/shared-mutex.js';
import type { NamedObject } from './object/named-object.js';
import type { ListedObject } from './object/named-types.js';
import { SharedQueue } from './queue/shared-queue.js';
import { SharedRing } from './ring/shared-ring.js';
import { SharedSegment } from './segment/shared-segment.js';
import { SharedSemaphore } from './semaphore/shared-semaphore.js';

/** The static methods that all classes of named objects have. */
export interface ObjectClass {
  readonly name: string;
  readonly prototype: NamedObject;
  open(name: string, options?: unknown): NamedObject;
  unlink(name: string, options?: unknown): boolean;
  prune(options?: unknown): string[];
  list(options?: unknown): ListedObject[];
}

export interface Kind {
  readonly name: string;
  readonly Class: ObjectClass;
  /** The name of an object's file, before the object's own name. */
  readonly filePrefix: string;
}

export const kinds: readonly Kind[] = [
  { name: 'channel', Class: SharedChannel, filePrefix: 'shmkit.channel.' },
  { name: 'dict', Class: SharedDict, filePrefix: 'shmkit.dict.' },
  { name: 'locks', Class: SharedLocks, filePrefix: 'shmkit.locks.' },
  { name: 'mutex', Class: SharedMutex, filePrefix: 'shmkit.mutex.' },
  { name: 'queue', Class: SharedQueue, filePrefix: 'shmkit.queue.' },
  { name: 'ring', Class: SharedRing, filePrefix: 'shmkit.ring.' },
  { name: 'segment', Class: SharedSegment, filePrefix: 'shmkit.segment.' },
  { name: 'semaphore', Class: SharedSemaphore, filePrefix: 'shmkit.sem.' },
];
