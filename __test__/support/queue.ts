// Queues of one test, removed when it ends.
import type { ExecutionContext } from 'ava';
import { SharedQueue, type QueueJob } from 'shmkit';
import { nameFor } from './names';

/** Creates a queue of 1 MiB, or as the options say; closed and removed when the test ends. */
export function makeQueue(t: ExecutionContext<unknown>, options: Parameters<typeof SharedQueue.create>[1] = '1mb'): SharedQueue {
  const queue = SharedQueue.create(nameFor(t, SharedQueue), options);
  t.teardown(() => queue.close());
  return queue;
}

/** Opens another handle on the same queue, closed when the test ends. */
export function openQueue(t: ExecutionContext<unknown>, queue: SharedQueue): SharedQueue {
  const other = SharedQueue.open(queue.name);
  t.teardown(() => other.close());
  return other;
}

/** Claims a job that must be there. */
export function claimed<V>(queue: SharedQueue<V>): QueueJob<V> {
  const job = queue.tryClaim();
  if (!job) throw new Error('no job is ready');
  return job;
}

/** Claims all jobs that are ready. */
export function claimAll<V>(queue: SharedQueue<V>): Array<QueueJob<V>> {
  const jobs: Array<QueueJob<V>> = [];
  for (let job = queue.tryClaim(); job; job = queue.tryClaim()) jobs.push(job);
  return jobs;
}
