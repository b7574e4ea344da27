// The other process: counts to a thousand and ends, writes or owns until it is killed, or plays a part of other-kinds.cjs.
'use strict';
const { SharedDict } = require('../../index.js');
const { play } = require('./other-kinds.cjs');

const [name, role, more] = process.argv.slice(2);
const dict = SharedDict.open(name);

if (role === 'count') {
  for (let done = 0; done < 1000; done += 1) dict.incr('counter');
  dict.set('done', 1000);
} else if (role === 'write') {
  for (;;) {
    dict.incr('written');
    dict.set('value', 'y'.repeat(dict.get('written') % 5000));
    dict.set(`key-${dict.get('written') % 100}`, dict.get('written'), 60);
  }
} else if (!play(role, name, dict, more)) {
  const owned = SharedDict.create(`${name}-owned`, '64kb');
  owned.set('mine', 1);
  dict.set('owning', true);
  setInterval(() => owned.get('mine'), 1000);
}
