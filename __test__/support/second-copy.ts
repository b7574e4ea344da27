// Loaded by AVA before each spec. In the lane with this variable, the spec gets a second copy of the package's JavaScript:
// a first one in the same thread has objects of each kind open, and uses them all the time.
import { createRequire } from 'node:module';

const LANE = 'SHMKIT_TEST_SECOND_COPY';
/** Milliseconds between two uses: between most calls that a spec waits for. */
const PERIOD = 5;

type Package = typeof import('shmkit');

if (process.env[LANE]) {
  const load = createRequire(__filename);
  const use = user(load('shmkit') as Package);
  use();
  setInterval(use, PERIOD).unref();
  for (const file of Object.keys(load.cache)) if (/[/\\](index\.js|shmkit\.js)$/.test(file)) delete load.cache[file];
}

/** Returns a function that uses an object of each kind, and starts waits that end and waits that do not. */
function user(copy: Package): () => void {
  const { SharedChannel, SharedDict, SharedLocks, SharedMutex, SharedQueue, SharedRing, SharedSegment, SharedSemaphore } = copy;
  const name = `busy-${process.pid}`;
  const dict = SharedDict.create(name, { size: '256kb', onFull: 'evict' });
  const channel = SharedChannel.create(name, '64kb');
  const messages = channel.subscribe();
  const queue = SharedQueue.create(name, '64kb');
  const locks = SharedLocks.create(name);
  const mutex = SharedMutex.create(name);
  const ring = SharedRing.create(name, '4kb');
  const segment = SharedSegment.create(name, { size: 4096 });
  const semaphore = SharedSemaphore.create(name, 0);
  void semaphore.acquire();
  let round = 0;
  return () => {
    round += 1;
    dict.set(`busy ${round % 100}`, { round });
    dict.set('text', 'busy', 3600);
    dict.getEntry('text');
    dict.incr('n', 1, { init: 0 });
    for (const _ of dict.keys()) break;
    dict.getMany(['text', 'n']);
    dict.rpush('list', 'busy');
    dict.lpop('list');
    try {
      dict.rpush('text', 'x');
    } catch {
      // Makes an error, too.
    }
    void dict.getOrSet(`loaded ${round % 10}`, () => round, { ttl: 0.001 });
    void locks.request('busy', () => dict.size);
    void mutex.lock({ timeout: 0.001 }).then((guard) => guard?.release());
    void semaphore.acquire({ timeout: 0.001 });
    void ring.receive({ timeout: 0.001 });
    ring.trySend('busy');
    segment.write(Buffer.from('busy'), round % 4000);
    void dict.waitFor('never', { timeout: 0.001 });
    void messages.next();
    channel.post({ round });
    queue.push({ round });
    queue.tryClaim()?.done();
  };
}
