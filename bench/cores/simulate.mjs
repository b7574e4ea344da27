// Simulates writers on many cores and the locks of some shards, event by event. Seeded: the same in every run.
//
//   think (outside of any lock) -> lock of a shard -> held -> unlock -> think ...
//
// As in the engine, a writer that finds the lock held spins for a while and then sleeps; the writer that unlocks wakes one
// sleeper. Until the others have seen that the lock is free, any writer can take it, including its last owner. The lock of a
// shard to which another core wrote last is held longer, because its cache lines have to be transferred.
import { randomFrom } from '../table.mjs';

/** Nanoseconds that a writer spins on a held lock before it sleeps: 60 checks, see the engine's lock. */
const SPIN_NS = 2000;
const [ARRIVE, RELEASE, LOOK, TIRED, AWAKE] = [0, 1, 2, 3, 4];

/**
 * Returns operations per second, and the share of time that a core waits for locks.
 *
 * `times` in ns: `think`, `held`, `heldAfterAnother`, `transfer`, `wakeCaller`, `wakeSleeper`. `pick(random)` returns the
 * number of a shard.
 */
export function simulate({ cores, shards, times, pick, operations = 100_000, seed = 1 }) {
  const random = randomFrom(seed);
  const locks = Array.from({ length: shards }, () => ({ owner: -1, last: -1, spinning: [], sleeping: [] }));
  const queue = new Events();
  const target = new Int32Array(cores);
  // Counts a core's waits, so that an event of an earlier wait can be recognized.
  const turn = new Int32Array(cores);
  const waitingSince = new Float64Array(cores);
  let [done, now, waited] = [0, 0, 0];

  const think = (core, from) => {
    turn[core] += 1;
    target[core] = pick(random);
    // A factor between 0.5 and 1.5: the same mean, but no lockstep.
    queue.add(from + times.think * (0.5 + random()), ARRIVE, core, turn[core]);
  };
  const take = (core, lock) => {
    turn[core] += 1;
    waited += now - waitingSince[core];
    const held = lock.last === core || cores === 1 ? times.held : times.heldAfterAnother;
    lock.owner = lock.last = core;
    queue.add(now + held, RELEASE, core, turn[core]);
  };
  const release = (core, lock) => {
    lock.owner = -1;
    done += 1;
    let from = now;
    if (lock.spinning.length > 0) {
      const first = lock.spinning[Math.floor(random() * lock.spinning.length)];
      queue.add(now + times.transfer, LOOK, first, turn[first]);
    }
    if (lock.sleeping.length > 0) {
      const sleeper = lock.sleeping.shift();
      queue.add(now + times.wakeSleeper, AWAKE, sleeper, turn[sleeper]);
      from += times.wakeCaller;
    }
    think(core, from);
  };

  for (let core = 0; core < cores; core += 1) think(core, 0);
  for (let event = queue.next(); ; event = queue.next()) {
    const { kind, core } = event;
    if (event.turn !== turn[core]) continue;
    now = event.at;
    const lock = locks[target[core]];
    if (kind === RELEASE) {
      release(core, lock);
      if (done === operations) break;
    } else if (kind === TIRED) {
      lock.spinning.splice(lock.spinning.indexOf(core), 1);
      lock.sleeping.push(core);
    } else if (kind === LOOK) {
      const place = lock.spinning.indexOf(core);
      if (place === -1 || lock.owner !== -1) continue;
      lock.spinning.splice(place, 1);
      take(core, lock);
    } else {
      if (kind === ARRIVE) waitingSince[core] = now;
      if (lock.owner === -1) {
        take(core, lock);
      } else if (kind === AWAKE) {
        lock.sleeping.push(core);
      } else {
        lock.spinning.push(core);
        queue.add(now + SPIN_NS, TIRED, core, turn[core]);
      }
    }
  }
  return { rate: (done / now) * 1e9, waiting: waited / (now * cores) };
}

/** Events ordered by time: a binary heap. */
class Events {
  #heap = [];

  add(at, kind, core, turn) {
    const heap = this.#heap;
    const event = { at, kind, core, turn };
    let place = heap.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (heap[parent].at <= at) break;
      heap[place] = heap[parent];
      place = parent;
    }
    heap[place] = event;
  }

  next() {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0) return first;
    let place = 0;
    for (let child = 1; child < heap.length; child = 2 * place + 1) {
      if (child + 1 < heap.length && heap[child + 1].at < heap[child].at) child += 1;
      if (heap[child].at >= last.at) break;
      heap[place] = heap[child];
      place = child;
    }
    heap[place] = last;
    return first;
  }
}
