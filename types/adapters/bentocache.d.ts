import type { CreateDriverResult, L1CacheDriver, L2CacheDriver } from 'bentocache/types';
import type { SharedDict } from '../shared-dict.js';

export interface ShmDriverOptions {
  dict: SharedDict<any>;
  prefix?: string | undefined;
}

/**
 * Returns a driver for a level of Bentocache: the first, or the second with `type: 'l2'`. As the first, shared memory
 * replaces the bus within a machine, and has no errors: what cannot be read is a miss, and what cannot be stored is not
 * cached.
 *
 * ```js
 * const bento = new BentoCache({ default: 'shm', stores: { shm: bentostore().useL1Layer(shmDriver({ dict })) } });
 * ```
 */
export function shmDriver(options: ShmDriverOptions & { type?: 'l1' | undefined }): CreateDriverResult<L1CacheDriver>;
export function shmDriver(options: ShmDriverOptions & { type: 'l2' }): CreateDriverResult<L2CacheDriver>;
