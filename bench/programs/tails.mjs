// Another process at a dictionary: makes one kind of calls until it is told to stop, and reports how long each took.
import { SharedDict } from 'shmkit';
import { tailOf } from '../tail.mjs';

const SLICE = 5;
/** Calls that are made once in a millisecond, so that the list does not become longer than the dictionary. */
const PACED = 'push';
const LARGE = Buffer.alloc(20 << 20, 7);
let number = 0;

const calls = {
  /** Small writes. */
  write: (dict) => dict.set(`peer${(number += 1) % 100}`, number),
  /** Overwrites a large value without a break. */
  overwrite: (dict) => dict.set('large', LARGE),
  /** Pushes an item onto the list that is read. */
  push: (dict) => dict.rpush('list', number),
};

const [name, kind] = process.argv.slice(2);
const dict = SharedDict.open(name);
const times = [];
let running = true;
process.on('message', () => {
  running = false;
});

function work() {
  for (const end = performance.now() + (kind === PACED ? 0 : SLICE); ; ) {
    const start = performance.now();
    calls[kind](dict);
    times.push(performance.now() - start);
    if (performance.now() >= end) break;
  }
  if (running) return kind === PACED ? setTimeout(work, 1) : setImmediate(work);
  dict.close();
  process.send(tailOf(times));
  return process.disconnect();
}

process.send('ready');
work();
