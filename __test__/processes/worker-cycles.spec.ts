import { once } from 'node:events';
import fs from 'node:fs';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { fixture } from '../support/child';
import { makeDict } from '../support/dict';
import { showProgress } from '../support/progress';

/** `npm run torture` sets a thousand. */
const CYCLES = Number(process.env['SHMKIT_WORKER_CYCLES'] ?? 30);
/** Bytes that the process may grow by: less than a leak of 32 KiB in each of 1,000 cycles. */
const ALLOWED = 32 * 2 ** 20;

interface Use {
  descriptors: number;
  mappings: number;
  resident: number;
}

function use(): Use {
  (globalThis as { gc?: () => void }).gc?.();
  const maps = fs.readFileSync('/proc/self/maps', 'utf8').split('\n');
  return {
    descriptors: fs.readdirSync('/proc/self/fd').length,
    mappings: maps.filter((line) => line.includes(' /dev/shm/')).length,
    resident: process.memoryUsage.rss(),
  };
}

test('worker threads: terminating them in the middle of writes leaks nothing', async (t) => {
  t.timeout(CYCLES * 2000);
  const dict = makeDict(t, { size: '1mb' });
  const cycle = async () => {
    const worker = new Worker(fixture('dict-worker'), { argv: ['overwrite', dict.name] });
    await once(worker, 'message');
    await worker.terminate();
  };
  for (let warmUp = 0; warmUp < CYCLES / 4; warmUp += 1) await cycle();
  const before = use();
  for (let count = 1; count <= CYCLES; count += 1) {
    await cycle();
    showProgress(CYCLES > 100, `${count} of ${CYCLES} workers`);
  }
  const after = use();
  t.log(`${CYCLES} cycles: ${JSON.stringify(before)}, then ${JSON.stringify(after)}`);
  t.is(after.mappings, before.mappings);
  t.true(after.descriptors <= before.descriptors, `${after.descriptors} descriptors`);
  t.true(after.resident < before.resident + ALLOWED, `${after.resident - before.resident} bytes more`);
  t.is(dict.stats().processes, 1);
  t.true(dict.verify().ok);
});
