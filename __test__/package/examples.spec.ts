import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'ava';

const EXAMPLES = path.join(__dirname, '..', '..', '..', 'examples');

const OUTPUT: Record<string, RegExp> = {
  'cache.js': /^4 answers, 1 query$/,
  'file-lock.js': /^3 processes counted to 150$/,
  'job-queue.js': /^20 jobs done, though a worker died with one in hand$/,
  'locks.js': /^3 readers, 1 writer waiting; it wrote alone$/,
  'map-file.js': /^record 7 in the file: Ada\nat the start of the ring: " around"; whole: "wraps around"$/,
  'memory-file.js': /^10 slow requests; the last line is "9999 ok"$/,
  'mutex.js': /^the owner died: true; token 2$/,
  'rate-limiter.js': /^10 of 24 requests allowed, the next one in [56] s$/,
  'segment.js': /^pixel 7 is 155; the histogram behind the image has 1024 bytes$/,
  'semaphore.js': /^4 processes, one killed; 2 of 2 permits are there$/,
  'spawn.js': /^one worker ended by SIGKILL, 40 jobs are done, their results add up to 1560\nthe others said goodbye,goodbye$/,
};

test('examples: every one has its test', (t) => {
  const examples = fs.readdirSync(EXAMPLES).filter((name) => name.endsWith('.js'));
  t.deepEqual(examples.toSorted(), Object.keys(OUTPUT));
});

for (const [name, output] of Object.entries(OUTPUT)) {
  test(`examples: ${name} prints what it should`, (t) => {
    const printed = execFileSync(process.execPath, [path.join(EXAMPLES, name)], { encoding: 'utf8' });
    t.regex(printed.trim(), output);
  });
}
