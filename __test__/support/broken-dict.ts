// Dictionaries that each break one promise: the checkers have to detect all of them.
import type { SharedDict } from 'shmkit';
import type { Scalar } from './history-key';

type Dict = SharedDict<Scalar>;
type Methods = Partial<Pick<Dict, 'get' | 'set' | 'add'>> & { incr?: (key: string) => unknown };

const idle = new Int32Array(new SharedArrayBuffer(4));

/** Gives other processes time to interfere, also on a machine with one processor. */
function dawdle(): void {
  Atomics.wait(idle, 0, 0, 0.3);
}

const BREAKS = {
  /** A cache that checks only every eighth time whether its value is current. */
  'reads old values': (dict) => {
    const cached = new Map<string, Scalar | undefined>();
    let reads = 0;
    return {
      get(key) {
        if (!cached.has(key) || (reads += 1) % 8 === 0) cached.set(key, dict.get(key));
        return cached.get(key);
      },
    };
  },
  /** Reads, adds and writes in three steps. */
  'loses increments': (dict) => ({
    incr(key: string) {
      const value = dict.get(key) ?? 0;
      if (typeof value === 'string') return dict.incr(key, 1, { init: 0 });
      dawdle();
      dict.set(key, value + 1, { keepTtl: true });
      return value + 1;
    },
  }),
  /** Retries a call that succeeded. */
  'increments twice': (dict) => {
    let calls = 0;
    return {
      incr(key: string) {
        const result = dict.incr(key, 1, { init: 0 });
        if ((calls += 1) % 20 === 0) dict.incr(key);
        return result;
      },
    };
  },
  /** Checks the version, then writes without it. */
  'loses updates': (dict) => ({
    set(key, value, options) {
      if (typeof options !== 'object' || options.ifVersion === undefined) return dict.set(key, value, options);
      if (dict.getEntry(key)?.version !== options.ifVersion) return false;
      dawdle();
      return dict.set(key, value);
    },
  }),
  /** Makes values live 5 ms too long. */
  'expires late': (dict) => ({
    set: (key, value, ttl) => dict.set(key, value, typeof ttl === 'number' && ttl > 0 ? ttl + 0.005 : ttl),
  }),
  /** Acknowledges a write before it happens. */
  'acknowledges too early': (dict) => {
    let owed: (() => unknown) | undefined;
    return {
      set(key, value, options) {
        owed?.();
        owed = undefined;
        if (typeof options === 'object') return dict.set(key, value, options);
        owed = () => dict.set(key, value, options);
        return true;
      },
    };
  },
  /** Checks for the key and writes it in two steps. */
  'adds twice': (dict) => ({
    add(key, value, ttl) {
      if (dict.has(key)) return false;
      dawdle();
      return dict.set(key, value, ttl);
    },
  }),
} satisfies Record<string, (dict: Dict) => Methods>;

export type Broken = keyof typeof BREAKS;
export const BROKEN = Object.keys(BREAKS) as Broken[];

/** Returns the dictionary, with the named promise broken. */
export function breakDict(dict: Dict, broken?: Broken): Dict {
  if (!broken) return dict;
  const methods = BREAKS[broken](dict);
  return new Proxy(dict, {
    get(target, name) {
      const member: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name);
      return typeof member === 'function' ? (member as (...args: unknown[]) => unknown).bind(target) : member;
    },
  });
}
