// What is explored: each model as the code is, which must hold, and mutants of it, which must fail, each for
// the reason given. `defines` are explained at the head of each model.

const BOUND = 2_000; // MiB for the states of one run

function holds(model, defines, what) {
  return { model, defines, what, fails: null, memory: BOUND };
}

function fails(model, defines, reason, what) {
  return { model, defines, what, fails: reason, memory: BOUND };
}

const DEADLOCK = /invalid end state/;
const EXCLUSION = /assertion violated \(+inside/;
const STOLEN = /assertion violated lost\[me\]/;
const STALE = /assertion violated ok\[c?x\]/;
const TORN = /assertion violated \(first\[x\]==p\)|assertion violated ok\[x\]/;
const MISS = /assertion violated ok\[0\]/;
const LEAK = /assertion violated \(used/;
const COUNT = /assertion violated \(\(idx\[1\]==0\)/;
const FOREIGN = /assertion violated \( ?!\(\(A<4\)\)/;
const JUNK = /assertion violated \(\(x!=255\)/;

export const runs = [
  holds('lock', { KILLS: 2 }, 'two processes, two deaths, and a newcomer in the slot of a dead one'),
  holds('lock', { KILLS: 2, NEWCOMER: 0, ROUNDS: 1 }, 'three processes, two deaths'),
  holds('lock', { KILLS: 0, NEWCOMER: 0, TIMED: 0 }, 'nobody dies: no wake-up is lost, even where waits never time out'),
  holds('lock', { KILLS: 0, NEWCOMER: 0, LOSES: 1 }, 'a living process loses its beacon: it releases nobody else’s lock'),
  fails('lock', { KILLS: 1, NEWCOMER: 0, TIMED: 0 }, DEADLOCK, 'a death, and waits never time out'),
  fails('lock', { KILLS: 0, NEWCOMER: 0, TIMED: 0, KEEPFLAG: 0 }, DEADLOCK, 'who slept takes the lock without the WAITERS flag'),
  fails('lock', { GENERATION: 0 }, STOLEN, 'registration does not bump the generation'),
  fails('lock', { REGISTER: 0 }, STOLEN, 'the newcomer takes over by a plain store'),
  fails('lock', { KILLS: 0, NEWCOMER: 0, LOSES: 1, UNLOCK: 0 }, EXCLUSION, 'unlock by a plain store'),
  fails('lock', { KILLS: 0, NEWCOMER: 0, ASKS: 0 }, STOLEN, 'a waiter takes over without asking who lives'),

  holds('read', { IDS: 4 }, 'set, delete, change in place; deaths; a local cache'),
  holds('read', { IDS: 3, CLEARS: 1 }, 'the same, and clear'),
  holds('read', { IDS: 3, TTL: 1, CACHE: 0 }, 'deadlines, and a clock that ticks'),
  holds('read', { IDS: 2, TTL: 1, CLEARS: 1 }, 'all of these'),
  holds('read', { IDS: 3, CHAIN: 1, CACHE: 0 }, 'entries of two blocks'),
  holds('read', { IDS: 4, ODD: 0, INPLACE: 0 }, 'without odd versions: in this order the checks do not need them'),
  fails('read', { ORDER: 0, INPLACE: 0, CACHE: 0 }, STALE, 'the index word is not looked at again'),
  fails('read', { ORDER: 1, INPLACE: 0, CACHE: 0 }, STALE, 'version first, then index word'),
  fails('read', { ORDER: 3, INPLACE: 0, CACHE: 0 }, TORN, 'the version is not looked at again'),
  fails('read', { IDS: 2, INPLACE: 2 }, STALE, 'a change in place by a plain store, then the version'),
  fails('read', { IDS: 3, INPLACE: 3 }, STALE, 'the version first, then a plain store'),
  fails('read', { IDS: 3, TTL: 1, CACHE: 0, CLOCK: 0 }, STALE, 'the clock is read before the looks at the index word'),
  fails('read', { IDS: 3, TTL: 1, CACHE: 0, CLOCK: 2 }, MISS, 'the clock is read after all checks'),
  fails('read', { CACHED: 1 }, STALE, 'the local cache looks at the version first'),
  fails('read', { IDS: 2, CLEARS: 1, CACHED: 2 }, STALE, 'the local cache does not look at the epoch'),
  fails('read', { IDS: 3, LATEMARK: 1 }, LEAK, 'blocks are marked after the commit'),
  fails('read', { IDS: 2, LATEARM: 1 }, LEAK, 'blocks are marked before the intent is armed'),
  fails('read', { IDS: 3, EARLYIDLE: 1 }, LEAK, 'disarmed before the old blocks are freed'),

  holds('probe', {}, 'two keys, two buckets: overflow counts, slots and blocks that pass from key to key'),
  fails('probe', { CHECK: 0 }, STALE, 'the index word is not looked at again'),
  fails('probe', { COUNT: 1 }, COUNT, 'counted after the entry is published'),
  fails('probe', { COUNT: 2 }, COUNT, 'uncounted before the entry is gone'),
  fails('probe', { RECOVERY: 1 }, COUNT, 'recovery lowers counts'),

  holds('pages', { IDS: 4, DEATHS: 0 }, 'a page that goes to another shard, cut otherwise, and comes back'),
  holds('pages', { IDS: 3 }, 'the same with deaths'),
  fails('pages', { IDS: 4, DEATHS: 0, GENS: 1 }, JUNK, 'index words carry no generation'),
  fails('pages', { IDS: 4, DEATHS: 0, GENS: 2 }, JUNK, 'the generation comes round within one read'),
  fails('pages', { IDS: 3, RETURN: 1 }, FOREIGN, 'the page goes back before the intent is idle'),
];
