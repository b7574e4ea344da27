// index.d.ts is written by hand: the classes must match it.
import type {
  SharedDict as PublicDict,
  SharedLocks as PublicLocks,
  SharedMutex as PublicMutex,
  SharedSegment as PublicSegment,
  SharedSemaphore as PublicSemaphore,
  ShmError as PublicError,
} from 'shmkit';
import type { SharedLocks } from '../../src/locks/shared-locks.js';
import type { SharedMutex } from '../../src/mutex/shared-mutex.js';
import type { SharedSegment } from '../../src/segment/shared-segment.js';
import type { SharedSemaphore } from '../../src/semaphore/shared-semaphore.js';
import type { SharedDict } from '../../src/dict/shared-dict.js';
import type { ShmError } from '../../src/addon/errors.js';
import { expectType } from './expect.test-d.js';

interface User {
  name: string;
}

/** Without the constructor, which is not public. */
type Statics<T> = { [Name in Exclude<keyof T, 'prototype'>]: T[Name] };
type Implements<Made, Declared> = Made extends Declared ? true : false;

expectType<Implements<SharedDict<User>, Pick<PublicDict<User>, Exclude<keyof PublicDict, Overloaded>>>>();
expectType<Implements<keyof PublicDict, keyof SharedDict>>();
expectType<Implements<keyof SharedDict, keyof PublicDict>>();
expectType<Implements<keyof Statics<typeof SharedDict>, keyof Statics<typeof PublicDict>>>();
expectType<Implements<keyof Statics<typeof PublicDict>, keyof Statics<typeof SharedDict>>>();
expectType<Implements<ShmError['code'], PublicError['code']>>();

expectType<Implements<SharedLocks, Pick<PublicLocks, Exclude<keyof PublicLocks, 'request'>>>>();
expectType<Implements<keyof SharedLocks, keyof PublicLocks>>();
expectType<Implements<keyof PublicLocks, keyof SharedLocks>>();
expectType<Implements<keyof Statics<typeof SharedLocks>, keyof Statics<typeof PublicLocks>>>();
expectType<Implements<SharedMutex, PublicMutex>>();
expectType<Implements<keyof SharedMutex, keyof PublicMutex>>();
expectType<Implements<Statics<typeof SharedMutex>, Statics<typeof PublicMutex>>>();
expectType<Implements<SharedSemaphore, PublicSemaphore>>();
expectType<Implements<keyof SharedSemaphore, keyof PublicSemaphore>>();
expectType<Implements<Statics<typeof SharedSemaphore>, Statics<typeof PublicSemaphore>>>();

expectType<Implements<Omit<SharedSegment, Nominal>, Omit<PublicSegment, Nominal>>>();
expectType<Implements<keyof SharedSegment, keyof PublicSegment>>();
expectType<Implements<keyof PublicSegment, keyof SharedSegment>>();
expectType<Implements<keyof Statics<typeof SharedSegment>, keyof Statics<typeof PublicSegment>>>();
expectType<Implements<keyof Statics<typeof PublicSegment>, keyof Statics<typeof SharedSegment>>>();

/** Their arguments and results are compared by name, not by shape. */
type Nominal = 'append' | 'file' | 'split';

/** The implementation has one signature for several declared ones, or names the class itself. */
type Overloaded = 'incr' | 'forEach';
