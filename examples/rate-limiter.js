// A rate limit across all workers of a cluster: at most LIMIT per client.
'use strict';
const cluster = require('node:cluster');
const { SharedDict } = require('shmkit');

const NAME = `rate-limiter-${process.env.LIMITER_ID ?? process.pid}`;
const LIMIT = { limit: 10, window: 60 };

// One atomic step for all workers: what a refused request may do next is in the answer.
const throttle = (dict, client) => dict.throttle(`requests:${client}`, LIMIT);

if (cluster.isPrimary) {
  const dict = SharedDict.create(NAME, '1mb');
  let allowed = 0;
  for (let worker = 0; worker < 3; worker += 1) {
    cluster.fork({ LIMITER_ID: process.pid }).on('message', (count) => {
      allowed += count;
    });
  }
  process.on('exit', () => {
    const { retryAfter } = throttle(dict, 'ann');
    console.log(`${allowed} of 24 requests allowed, the next one in ${Math.ceil(retryAfter)} s`);
  });
} else {
  const dict = SharedDict.open(NAME);
  const answers = Array.from({ length: 8 }, () => throttle(dict, 'ann').allowed);
  process.send(answers.filter(Boolean).length, () => process.disconnect());
}
