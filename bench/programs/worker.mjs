// One of the processes that share a dictionary: makes the requested calls for some time and reports how many it made.
import { SharedDict } from 'shmkit';
import { keysOf, randomFrom, valueOf } from '../table.mjs';

const KEYS = keysOf(10_000);
const BATCH = 100;

process.on('message', ({ name, localCache, setEvery, milliseconds, seed }) => {
  const dict = SharedDict.open(name, { localCache });
  const random = randomFrom(seed);
  const order = Uint32Array.from({ length: 65_536 }, () => Math.floor(random() * KEYS.length));
  const value = valueOf(String(seed));
  const started = performance.now();
  let done = 0;
  let now = started;
  while (now - started < milliseconds) {
    for (let time = 0; time < BATCH; time += 1) {
      const key = KEYS[order[done & 65_535]];
      if (setEvery > 0 && done % setEvery === 0) dict.set(key, value);
      else dict.get(key);
      done += 1;
    }
    now = performance.now();
  }
  dict.close();
  process.send((done / (now - started)) * 1000);
});

process.send('ready');
