'use strict';
// Counts in a dictionary that another process created, and owns one itself.
const { SharedDict, ShmError } = require('shmkit');

const [name, runtime] = process.argv.slice(2);
const shared = SharedDict.open(name);
shared.incr(runtime, 1, { init: 0 });
shared.close();

const own = SharedDict.create(`${name}-own-${process.pid}`, '64kb');
own.set('object', { when: new Date(0), bytes: Buffer.from([1, 2]) }, 60);
const { when, bytes } = own.get('object');
if (when.getTime() !== 0 || bytes[1] !== 2 || !(own.ttl('object') > 59)) throw new Error('read back something else');
own.close();
try {
  own.get('object');
} catch (error) {
  if (error instanceof ShmError && error.code === 'ERR_SHM_CLOSED') console.log('works');
}
