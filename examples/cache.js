// A cache in front of a slow source: however many processes ask at the same time, the source is asked once.
'use strict';
const { fork } = require('node:child_process');
const { setTimeout } = require('node:timers/promises');
const { SharedDict } = require('shmkit');

async function slowQuery(dict, id) {
  dict.incr('queries', 1, { init: 0 });
  await setTimeout(50);
  return { id, name: `user ${id}` };
}

async function ask(dict) {
  // Fresh for a minute. For another hour, the old value is served while one process loads the new one.
  const user = await dict.getOrSet('user:7', () => slowQuery(dict, 7), { ttl: 60, staleFor: 3600, timeout: 10 });
  dict.rpush('answers', user.name);
}

if (process.argv[2]) {
  const dict = SharedDict.open(process.argv[2]);
  void ask(dict).then(() => dict.close());
} else {
  const dict = SharedDict.create(`cache-${process.pid}`, { size: '16mb', onFull: 'evict' });
  const children = Array.from({ length: 4 }, () => fork(__filename, [dict.name]));
  const exits = children.map((child) => new Promise((resolve) => child.on('exit', resolve)));
  void Promise.all(exits).then(() => {
    console.log(`${dict.llen('answers')} answers, ${dict.get('queries')} query`);
    dict.close();
  });
}
