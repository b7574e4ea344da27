// Which keys are read most, in processes that are told to sample their reads. The others run none of this.
import path from 'node:path';
import type { SharedDict } from './shared-dict.js';

type Class = typeof SharedDict;

/** One read in this many is counted, on average. Known to src/cli/reads.ts as well. */
const INTERVAL = 256;
/** The dictionary of the samples has the name of the other one and this. Known to src/cli/reads.ts as well. */
const SUFFIX = '.reads';
/** Seconds after which a key that is not sampled again is forgotten. */
const LIFETIME = 600;
const READS = ['get', 'getEntry', 'getFrozen', 'getOrSet'] as const;

/** Makes the reads of this process count one in 256 of those that find something in a dictionary beside the one that is read. */
export function sampleReads(dictionaries: Class): void {
  const record = recorderOf(dictionaries);
  let left = nextInterval();
  for (const name of READS) {
    const read = dictionaries.prototype[name] as (this: SharedDict, ...args: unknown[]) => unknown;
    const sampled = function sampled(this: SharedDict, ...args: unknown[]): unknown {
      const result = read.apply(this, args);
      if (result === undefined) return result;
      left -= 1;
      if (left <= 0) {
        left = nextInterval();
        record(this, args[0] as string);
      }
      return result;
    };
    Object.defineProperty(dictionaries.prototype, name, { value: sampled, writable: true, configurable: true, enumerable: false });
  }
}

// At random, because a program that reads keys in turn could otherwise always be sampled at the same one.
function nextInterval(): number {
  return 1 + Math.floor(Math.random() * (2 * INTERVAL - 1));
}

function recorderOf(dictionaries: Class): (dict: SharedDict, key: string) => void {
  const samples = new WeakMap<SharedDict, SharedDict<number> | null>();
  const open = (dict: SharedDict): SharedDict<number> =>
    dictionaries.openOrCreate(dict.name + SUFFIX, { size: '256kb', onFull: 'evict', onMismatch: 'open', localCache: false, dir: path.dirname(dict.path) }) as SharedDict<number>;
  return (dict, key) => {
    if (dict.name.endsWith(SUFFIX) || samples.get(dict) === null) return;
    try {
      let found = samples.get(dict);
      if (!found) samples.set(dict, (found = open(dict)));
      found.incr(key, 1, { init: 0, ttl: LIFETIME });
    } catch (error) {
      // A program must not fail because it is examined.
      samples.set(dict, null);
      process.emitWarning(`shmkit no longer samples the reads of "${dict.name}": ${String(error)}`);
    }
  };
}
