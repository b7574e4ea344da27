// The runs of the model checker: each model as the code is, which must hold, and its mutants, which must fail, each for
// the given reason. The head of each model explains its `defines`.

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
const TOO_OLD = /assertion violated \(\(superseded\[\w+\]==0\)/;
const OWN = /assertion violated \(v>=own\)/;
const TOLD = /assertion violated \(?\(?(o==ordinal|\(v>last)/;
const UNTOLD = /assertion violated +!\(|assertion violated \(at==head\)/;
const LOST = /assertion violated 0$/;
const VISITS = /assertion violated \(+visits/;
const CACHED = /assertion violated +!\(?was/;
const JUNK = /assertion violated \(\(x!=255\)/;

export const runs = [
  holds('lock', { KILLS: 2 }, 'two processes, two deaths, and a newcomer in a dead one’s slot'),
  holds('lock', { KILLS: 2, NEWCOMER: 0, ROUNDS: 1 }, 'three processes, two deaths'),
  holds('lock', { KILLS: 0, NEWCOMER: 0, TIMED: 0 }, 'no deaths: no wake-up is lost, even if waits never time out'),
  holds('lock', { KILLS: 0, NEWCOMER: 0, LOSES: 1 }, 'a live process loses its liveness lock: it never releases another owner’s lock'),
  fails('lock', { KILLS: 1, NEWCOMER: 0, TIMED: 0 }, DEADLOCK, 'a death, and waits that never time out'),
  fails('lock', { KILLS: 0, NEWCOMER: 0, TIMED: 0, KEEPFLAG: 0 }, DEADLOCK, 'a waiter that slept takes the lock without the WAITERS flag'),
  fails('lock', { GENERATION: 0 }, STOLEN, 'registration does not advance the generation'),
  fails('lock', { REGISTER: 0 }, STOLEN, 'the newcomer takes over with a plain store'),
  fails('lock', { KILLS: 0, NEWCOMER: 0, LOSES: 1, UNLOCK: 0 }, EXCLUSION, 'unlock with a plain store'),
  fails('lock', { KILLS: 0, NEWCOMER: 0, ASKS: 0 }, STOLEN, 'a waiter takes over without checking that the owner is dead'),

  holds('read', { IDS: 4 }, 'set, delete, change in place; deaths; a local cache'),
  holds('read', { IDS: 3, CLEARS: 1 }, 'the same, and clear'),
  holds('read', { IDS: 3, TTL: 1, CACHE: 0 }, 'deadlines, and a clock that ticks'),
  holds('read', { IDS: 2, TTL: 1, CLEARS: 1 }, 'all of these'),
  holds('read', { IDS: 3, CHAIN: 1, CACHE: 0 }, 'entries of two blocks'),
  holds('read', { IDS: 4, ODD: 0, INPLACE: 0 }, 'no odd versions: checks in this order do not need them'),
  fails('read', { ORDER: 0, INPLACE: 0, CACHE: 0 }, STALE, 'the index word is not checked again'),
  fails('read', { ORDER: 1, INPLACE: 0, CACHE: 0 }, STALE, 'version first, then index word'),
  fails('read', { ORDER: 3, INPLACE: 0, CACHE: 0 }, TORN, 'the version is not checked again'),
  fails('read', { IDS: 2, INPLACE: 2 }, STALE, 'a change in place with a plain store, then the version'),
  fails('read', { IDS: 3, INPLACE: 3 }, STALE, 'the version first, then a plain store'),
  fails('read', { IDS: 3, TTL: 1, CACHE: 0, CLOCK: 0 }, STALE, 'the clock is read before the index word is checked'),
  fails('read', { IDS: 3, TTL: 1, CACHE: 0, CLOCK: 2 }, MISS, 'the clock is read after all checks'),
  fails('read', { CACHED: 1 }, STALE, 'the local cache checks the version first'),
  fails('read', { IDS: 2, CLEARS: 1, CACHED: 2 }, STALE, 'the local cache does not check the epoch'),
  fails('read', { IDS: 3, LATEMARK: 1 }, LEAK, 'blocks are marked after the commit'),
  fails('read', { IDS: 2, LATEARM: 1 }, LEAK, 'blocks are marked before the intent is armed'),
  fails('read', { IDS: 3, EARLYIDLE: 1 }, LEAK, 'disarmed before the old blocks are freed'),

  holds('probe', {}, 'two keys, two buckets: overflow counts, slots and blocks that pass from one key to the other'),
  fails('probe', { CHECK: 0 }, STALE, 'the index word is not checked again'),
  fails('probe', { COUNT: 1 }, COUNT, 'the count is raised after the entry is published'),
  fails('probe', { COUNT: 2 }, COUNT, 'the count is lowered before the entry is gone'),
  fails('probe', { RECOVERY: 1 }, COUNT, 'recovery lowers counts'),

  holds('double', {}, 'an index that is doubled, deaths of the participant that doubles it, and readers at both levels'),
  holds('double', { READERS: 0, SCANS: 1 }, 'a scan, before, across and after the doubling, deaths included'),
  fails('double', { HALF: 1 }, LOST, 'the bit of the home bucket decides for a word that stands further on'),
  fails('double', { COUNTS: 1 }, LOST, 'only words that go up are counted'),
  fails('double', { COUNTS: 2 }, LOST, 'the upper counts are stored after the level'),
  fails('double', { TAIL: 1 }, LOST, 'the lower counts are stored before the level'),
  fails('double', { AGAIN: 0 }, LOST, 'a reader that found nothing does not compare the level'),
  fails('double', { SHAPE: 0 }, LOST, 'the quick reader compares the level with what is known by then, not with what it searched by'),
  fails('double', { READERS: 1, IDLE: 1 }, CACHED, 'the doubling ends before words that have gone up are cleared'),
  fails('double', { READERS: 0, SCANS: 1, SCAN: 1 }, VISITS, 'a scan visits words that have gone up and were not cleared'),
  fails('double', { READERS: 0, SCANS: 1, SCAN: 2 }, VISITS, 'a scan forgets what it visited before a doubling'),
  fails('double', { READERS: 0, SCANS: 1, SCAN: 3 }, VISITS, 'a scan does not compare the level after a load'),

  holds('pages', { IDS: 4, DEATHS: 0 }, 'a page that moves to another shard, is cut differently, and comes back'),
  holds('pages', { IDS: 3 }, 'the same with deaths'),
  fails('pages', { IDS: 4, DEATHS: 0, GENS: 1 }, JUNK, 'index words carry no generation'),
  fails('pages', { IDS: 4, DEATHS: 0, GENS: 2 }, JUNK, 'the generation wraps around within one read'),
  fails('pages', { IDS: 3, RETURN: 1 }, FOREIGN, 'the page is returned before the intent is idle'),

  holds('tier', { AGENTS: 1, LOSSES: 0 }, 'two hosts write, one reads and fetches; its agent stands still at any time'),
  holds('tier', { AGENTS: 1, LOSSES: 1 }, 'the same, and a connection is lost'),
  holds('tier', { AGENTS: 2, LOSSES: 0, OWNS: 0 }, 'a second agent takes over at any time'),
  fails('tier', { AGENTS: 1, LOSSES: 0, FILL: 1 }, TOO_OLD, 'a write stores its value in the tier: server first, then the tier'),
  fails('tier', { AGENTS: 1, LOSSES: 0, SECOND: 0 }, OWN, 'a write does not remove the key again after the reply'),
  fails('tier', { AGENTS: 1, LOSSES: 0, EPOCH: 0 }, TOO_OLD, 'the tier is emptied before tracking is confirmed'),
  fails('tier', { AGENTS: 1, LOSSES: 0, PING: 0 }, TOO_OLD, 'a beat without an answer on the tracking connection'),
  fails('tier', { AGENTS: 1, LOSSES: 0, ASKED: 0 }, TOO_OLD, 'a beat has the time at which it is written'),
  fails('tier', { AGENTS: 1, LOSSES: 0, LEASE: 0 }, TOO_OLD, 'a fetched value is stored though its mark is gone'),
  fails('tier', { AGENTS: 1, LOSSES: 0, LOOK: 0 }, TOO_OLD, 'a reader looks at the beat after the entry'),

  holds('masters', { CUTS: 0 }, 'a server that is replaced, and goes on answering, in a cluster'),
  holds('masters', { CUTS: 1 }, 'the same, and a link is cut or mended, or the network divided'),
  holds('masters', { CUTS: 0, CLUSTER: 0 }, 'the same with Sentinels'),
  fails('masters', { CUTS: 1, MAJORITY: 0 }, TOO_OLD, 'an agent that reaches the smaller part of the voters tracks'),
  fails('masters', { CUTS: 0, COMPARE: 0 }, TOO_OLD, 'the voters are not asked again before a beat'),
  fails('masters', { CUTS: 1, SERVER: 0 }, TOO_OLD, 'a fetched value is stored whichever server it is from'),
  fails('masters', { CUTS: 1, LEFT: 0 }, TOO_OLD, 'a key is served though its server is not tracked'),
  fails('masters', { CUTS: 1, RECORD: 0 }, TOO_OLD, 'the tier is emptied before the server is recorded'),

  holds('channel', {}, 'two posters, two deaths, and a subscriber that is overtaken'),
  fails('channel', { CHECK: 0 }, /assertion violated \(value==/, 'no check after the copy'),
  fails('channel', { CHECK: 2 }, /assertion violated \(value==/, 'the check asks how far head has gone'),
  fails('channel', { LATE: 1 }, /assertion violated \(value==/, 'oldest is moved after the message was written'),
  fails('channel', { TRAIL: 1 }, /assertion violated \(\(number/, 'the next number is written after the commit'),

  holds('feed', {}, 'two writers, two deaths, and a watcher that registers at any time and is overrun'),
  holds('feed', { KILLS: 0, TIMED: 0 }, 'no deaths: no wake-up is lost, even if sleeps never end by themselves'),
  fails('feed', { CHECK: 2 }, TOLD, 'the check asks how far the head has gone'),
  fails('feed', { BACK: 1 }, TOLD, '`reserved` is set back after an undone change'),
  fails('feed', { LATE: 1 }, TOLD, 'cells are reserved after the record was written'),
  fails('feed', { EARLY: 1 }, TOLD, 'the head moves before the commit'),
  fails('feed', { LOOK: 0 }, TOLD, 'recovery tells a change that was not committed'),
  fails('feed', { TELLS: 0 }, UNTOLD, 'recovery does not tell what was committed'),
  fails('feed', { LOCKS: 0 }, UNTOLD, 'a watcher registers without the lock'),
  fails('feed', { FLAG: 0 }, UNTOLD, 'a watcher marks itself after it has made writers tell'),
  fails('feed', { KILLS: 0, TIMED: 0, AGAIN: 0 }, DEADLOCK, 'a watcher sleeps without looking again'),

  holds('claim', {}, 'three workers, two of which die'),
  fails('claim', { DIRTY: 0 }, /assertion violated \(listed/, 'nothing tells of an interrupted change'),
  fails('claim', { LATE: 1 }, /assertion violated \(listed/, 'a claim is stored after the change has ended'),
  fails('claim', { ASKS: 0 }, /assertion violated \(working/, 'claims are taken from the living'),
];
