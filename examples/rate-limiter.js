// A rate limit across all workers of a cluster: at most LIMIT requests per client and window.
'use strict';
const cluster = require('node:cluster');
const { SharedDict } = require('shmkit');

const NAME = `rate-limiter-${process.env.LIMITER_ID ?? process.pid}`;
const LIMIT = 10;
const WINDOW_SECONDS = 60;

// The first request of a window creates the counter with its expiry; later ones only count.
function isAllowed(dict, client) {
  return dict.incr(`requests:${client}`, 1, { init: 0, initTtl: WINDOW_SECONDS }) <= LIMIT;
}

if (cluster.isPrimary) {
  const dict = SharedDict.create(NAME, '1mb');
  let allowed = 0;
  for (let worker = 0; worker < 3; worker += 1) {
    cluster.fork({ LIMITER_ID: process.pid }).on('message', (count) => {
      allowed += count;
    });
  }
  process.on('exit', () => {
    console.log(`${allowed} of 24 requests allowed, next window in ${Math.ceil(dict.ttl('requests:ann'))} s`);
  });
} else {
  const dict = SharedDict.open(NAME);
  const answers = Array.from({ length: 8 }, () => isAllowed(dict, 'ann'));
  process.send(answers.filter(Boolean).length, () => process.disconnect());
}
