// The package in a realm that is not Node's own, as in test runners, and beside programs that replace what it uses.
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { evaluateInRealm, type Package } from '../support/copies';
import { uniqueName } from '../support/dict';

/** A signal as polyfills make it: of no class that the package knows. */
class PolyfilledSignal {
  aborted = false;
  reason: unknown;
  readonly #listeners = new Set<() => void>();

  addEventListener(_: string, listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_: string, listener: () => void): void {
    this.#listeners.delete(listener);
  }

  abort(): void {
    this.aborted = true;
    for (const listener of this.#listeners) listener();
  }
}

test('realm: refused arguments throw its own TypeError and RangeError, with a code', (t) => {
  const { copy, evaluate } = evaluateInRealm();
  const dict = copy.SharedDict.create(uniqueName(), '64kb');
  const [OwnTypeError, OwnRangeError, OwnError] = ['TypeError', 'RangeError', 'Error'].map(evaluate) as unknown[];
  const wrong: ReadonlyArray<readonly [() => unknown, unknown, string]> = [
    [() => dict.set('k', { f() {} }), OwnTypeError, 'ERR_INVALID_ARG_TYPE'],
    [() => dict.set('k', [Symbol('s')]), OwnTypeError, 'ERR_INVALID_ARG_TYPE'],
    [() => dict.set('k', () => {}), OwnTypeError, 'ERR_INVALID_ARG_TYPE'],
    [() => dict.set('', 1), OwnTypeError, 'ERR_INVALID_ARG_VALUE'],
    [() => dict.set('k', 1, Number.NaN), OwnRangeError, 'ERR_OUT_OF_RANGE'],
    [() => dict.setMany([['a', 1], ['b', { f() {} }]]), OwnTypeError, 'ERR_INVALID_ARG_TYPE'],
  ];
  for (const [call, Class, code] of wrong) {
    const error = t.throws(call, { any: true }) as { code?: string; constructor: unknown };
    t.is(error.code, code, call.toString());
    t.is(error.constructor, Class, call.toString());
  }
  t.is((t.throws(() => dict.setMany([['a', 1], ['b', { f() {} }]]), { any: true }) as { count?: number }).count, 1);
  const missing = t.throws(() => copy.SharedDict.open(uniqueName()), { any: true }) as Error;
  t.true(missing instanceof copy.ShmError && missing instanceof (OwnError as ErrorConstructor));
  dict.close();
});

const WAITS: Record<string, (copy: Package, name: string, signal: AbortSignal) => Promise<unknown>> = {
  acquire: (copy, name, signal) => copy.SharedSemaphore.create(name, 0).acquire({ signal }),
  lock: async (copy, name, signal) => {
    const mutex = copy.SharedMutex.create(name);
    mutex.tryLock();
    return copy.SharedMutex.open(name).lock({ signal });
  },
  receive: (copy, name, signal) => copy.SharedRing.create(name, '4kb').receive({ signal }),
  request: async (copy, name, signal) => {
    const locks = copy.SharedLocks.create(name);
    void locks.request('a', () => setTimeout(10_000, undefined, { ref: false }));
    return locks.request('a', { signal }, () => {});
  },
  claim: (copy, name, signal) => copy.SharedQueue.create(name, '64kb').claim({ signal }),
  waitFor: (copy, name, signal) => copy.SharedDict.create(name, '64kb').waitFor('k', { signal }),
  lockFile: (copy, _, signal) => {
    copy.tryLockFile(__filename);
    return copy.lockFile(__filename, { signal });
  },
  getOrSet: (copy, name, signal) => copy.SharedDict.create(name, '64kb').getOrSet('k', () => new Promise(() => {}), { signal }),
};

for (const [title, wait] of Object.entries(WAITS)) {
  test(`${title}: takes signals of other realms and of polyfills, and refuses what is none`, async (t) => {
    const { copy, evaluate } = evaluateInRealm();
    const polyfilled = new PolyfilledSignal();
    const controller = new AbortController();
    const waits = [wait(copy, uniqueName(), polyfilled as never), wait(copy, uniqueName(), controller.signal)];
    const outcomes = Promise.allSettled(waits);
    await setTimeout(5);
    polyfilled.abort();
    controller.abort();
    for (const outcome of await outcomes) {
      const { name, code } = (outcome as PromiseRejectedResult).reason as { name: string; code: string };
      t.deepEqual([name, code], ['AbortError', 'ABORT_ERR']);
    }
    for (const signal of [{}, null, 'signal', () => {}]) {
      const [outcome] = await Promise.allSettled([wait(copy, uniqueName(), signal as never)]);
      const error = (outcome as PromiseRejectedResult).reason as { code: string; constructor: unknown };
      t.deepEqual([error.code, error.constructor], ['ERR_INVALID_ARG_TYPE', evaluate('TypeError')]);
    }
  });
}

test('realm: constructors that are replaced after loading never get shared memory', (t) => {
  const { copy, evaluate } = evaluateInRealm();
  evaluate(`
    globalThis.taken = [];
    for (const name of ['ArrayBuffer', 'Uint8Array', 'Int32Array', 'Uint32Array', 'Float64Array', 'BigUint64Array', 'DataView']) {
      globalThis[name] = new Proxy(globalThis[name], { construct(...all) { taken.push(name); return Reflect.construct(...all); } });
    }
    for (const name of ['load', 'store', 'wait']) Atomics[name] = () => taken.push(name);
    globalThis.Atomics = undefined;`);
  const dict = copy.SharedDict.create(uniqueName(), { size: '64kb', onFull: 'evict' });
  dict.set('text', 'x');
  for (let round = 0; round < 3; round += 1) t.is(dict.get('text'), 'x');
  t.true(dict.has('text'));
  dict.setMany([['a', 1], ['b', 2]]);
  t.is(dict.getMany(['a', 'b']).size, 2);
  t.is([...dict.keys()].length, 3);
  t.deepEqual(evaluate('taken'), []);
  dict.close();
});
