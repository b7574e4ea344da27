// Bentocache's own suite for drivers.
import { test } from '@japa/runner';
import { registerCacheDriverTestSuite } from 'bentocache/test_suite';
import { SharedDict } from 'shmkit';
import { shmDriver } from 'shmkit/bentocache';

const dict = SharedDict.create(`adapters-bentocache-${process.pid}`, '8mb');
for (const type of ['l1', 'l2']) {
  const createDriver = (options) => shmDriver({ dict, type, prefix: 'japa' }).factory({ ...options });
  test.group(type, (group) => registerCacheDriverTestSuite({ test, group, supportsMilliseconds: true, createDriver }));
}
