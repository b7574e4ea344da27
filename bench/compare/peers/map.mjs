export const note = 'not shared: for scale';
export const isPrivate = true;

export function connect() {
  return { table: () => tableOf(new Map()), close: () => {} };
}

/** A `Map`, or an object with the same calls. */
export function tableOf(map) {
  let before;
  return {
    get: (key) => map.get(key),
    set: (key, value) => map.set(key, value),
    incr: (key) => map.set(key, map.get(key) + 1),
    keys: () => [...map.keys()],
    fill: (pairs) => {
      before = heapUsed();
      for (const [key, value] of pairs) map.set(key, value);
    },
    // The memory of this process only: each process has its own. Includes the keys and values themselves.
    bytes: () => heapUsed() - before,
  };
}

function heapUsed() {
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
