// Writers on many cores and the locks of some shards, event by event, seeded: the same in every run.
//
//   think (outside of any lock) -> lock of a shard -> held -> unlock -> think ...
//
// As the engine does: who finds a lock held looks at it for a while, then sleeps; who unlocks wakes one sleeper. Until
// the others have seen that it is free, the lock is for whoever comes, be it the one who just had it. A shard that
// another core wrote to last is held longer, since its lines have to come over.
import { randomFrom } from '../table.mjs';

/** Of looking at a held lock before sleeping: 60 looks, see crates/core/src/lock. */
const SPIN_NS = 2000;
const [ARRIVE, RELEASE, LOOK, TIRED, AWAKE] = [0, 1, 2, 3, 4];

/**
 * Operations a second, and the share of time that a core waits for locks.
 *
 * `times` in ns: `think`, `held`, `heldAfterAnother`, `transfer`, `wakeCaller`, `wakeSleeper`. `pick(random)` gives the
 * number of a shard.
 */
export function simulate({ cores, shards, times, pick, operations = 100_000, seed = 1 }) {
  const random = randomFrom(seed);
  const locks = Array.from({ length: shards }, () => ({ owner: -1, last: -1, spinning: [], sleeping: [] }));
  const queue = new Events();
  const target = new Int32Array(cores);
  // Counts a core's waits, so that an event of an earlier wait is known for what it is.
  const turn = new Int32Array(cores);
  const waitingSince = new Float64Array(cores);
  let [done, now, waited] = [0, 0, 0];

  const think = (core, from) => {
    turn[core] += 1;
    target[core] = pick(random);
    // Between half and one and a half: the same mean, and no lockstep.
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

/** Events by time: a binary heap. */
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
