// Reference policies for evictions: the share of requests that caches of a given number of entries answer.

/** Evicts the least recently used key. */
export function lru(trace, capacity) {
  // A ring of keys by last use. The order of a Map would do, but finding its oldest key is slow after many deletions.
  const end = trace.reduce((most, key) => Math.max(most, key), 0) + 1;
  const [newer, older] = [new Int32Array(end + 1).fill(-1), new Int32Array(end + 1).fill(-1)];
  newer[end] = older[end] = end;
  let size = 0;
  let hits = 0;
  for (const key of trace) {
    if (newer[key] !== -1) {
      unlink(newer, older, key);
      hits += 1;
    } else if (size < capacity) {
      size += 1;
    } else {
      unlink(newer, older, newer[end]);
    }
    [newer[key], older[key]] = [end, older[end]];
    newer[older[end]] = key;
    older[end] = key;
  }
  return hits / trace.length;
}

// The ring's anchor: its newer neighbour is the oldest key, its older neighbour the newest.
function unlink(newer, older, key) {
  [newer[older[key]], older[newer[key]]] = [newer[key], older[key]];
  newer[key] = older[key] = -1;
}

/** The optimum (Belady 1966): evicts the key that is requested again last, which may be the new one. */
export function optimum(trace, capacity) {
  const next = nextUses(trace);
  const heap = new Latest();
  const wantedAt = new Map();
  let hits = 0;
  for (let time = 0; time < trace.length; time += 1) {
    const key = trace[time];
    if (wantedAt.has(key)) hits += 1;
    wantedAt.set(key, next[time]);
    heap.push(next[time], key);
    while (wantedAt.size > capacity) {
      const [wanted, candidate] = heap.pop();
      // An item that was pushed before the key's latest use is out of date.
      if (wantedAt.get(candidate) === wanted) wantedAt.delete(candidate);
    }
  }
  return hits / trace.length;
}

/** Returns, for each request, the time of the next one for its key, or a unique time past the end if there is none. */
function nextUses(trace) {
  const next = new Float64Array(trace.length);
  const seen = new Map();
  for (let time = trace.length - 1; time >= 0; time -= 1) {
    next[time] = seen.get(trace[time]) ?? trace.length + time;
    seen.set(trace[time], time);
  }
  return next;
}

/** A binary heap with the latest time on top. */
class Latest {
  #times = [];
  #keys = [];

  push(time, key) {
    let at = this.#times.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#times[parent] >= time) break;
      this.#put(at, this.#times[parent], this.#keys[parent]);
      at = parent;
    }
    this.#put(at, time, key);
  }

  pop() {
    const top = [this.#times[0], this.#keys[0]];
    const [time, key] = [this.#times.pop(), this.#keys.pop()];
    const length = this.#times.length;
    let at = 0;
    for (let child = 1; child < length; child = 2 * at + 1) {
      if (child + 1 < length && this.#times[child + 1] > this.#times[child]) child += 1;
      if (this.#times[child] <= time) break;
      this.#put(at, this.#times[child], this.#keys[child]);
      at = child;
    }
    if (length > 0) this.#put(at, time, key);
    return top;
  }

  #put(at, time, key) {
    this.#times[at] = time;
    this.#keys[at] = key;
  }
}
