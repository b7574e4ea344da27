/* The change feed of one shard: crates/dict/src/feed, crates/dict/src/ops/watch. Writers may be killed before any store;
   the next owner of the lock then tells what was committed but not told. A watcher registers at any time, copies records
   cell by cell, and sleeps when there is none. Memory is sequentially consistent: models/loom has the orderings.

   A record takes two or three cells of the ring: its ordinal, and the version of the change. The cell past the last record
   is already the ordinal of the next one. The shard has one entry, whose version is that of the last change committed.

   KILLS     the maximum number of deaths
   WRITES    changes that the writers try to make
   TIMED     a sleep ends by itself
   Mutants:  CHECK 2 (asks how far the head has gone), BACK 1 (`reserved` may fall), LATE 1 (reserved after the record),
             EARLY 1 (the head moves before the commit), LOOK 0 (recovery tells without looking at the entry),
             TELLS 0 (recovery tells nothing), LOCKS 0 (a watcher registers without the lock), FLAG 0 (a watcher marks itself
             after it has set `watched`), AGAIN 0 (a watcher sleeps without looking again) */
#ifndef KILLS
#define KILLS 2
#endif
#ifndef WRITES
#define WRITES 4
#endif
#ifndef TIMED
#define TIMED 1
#endif
#ifndef CHECK
#define CHECK 1
#endif
#ifndef BACK
#define BACK 0
#endif
#ifndef LATE
#define LATE 0
#endif
#ifndef EARLY
#define EARLY 0
#endif
#ifndef LOOK
#define LOOK 1
#endif
#ifndef TELLS
#define TELLS 1
#endif
#ifndef LOCKS
#define LOCKS 1
#endif
#ifndef FLAG
#define FLAG 1
#endif
#ifndef AGAIN
#define AGAIN 1
#endif
#define CELLS 5
#define CELL(at) ring[(at) % CELLS]
#define LENGTH(version) (2 + ((version) & 1))
#define ENDED (writes == WRITES && !locked && !died)
#define QUIET (ENDED && heard + missed == expected)

byte ring[CELLS];
byte reserved, head;                   /* positions, which only grow */
byte sequence, entry;                  /* the last number drawn; the version of the entry */
bool watched = 1;                      /* left by a watcher that died */
bool marked;                           /* the watcher's mark in its participant's slot */
bool asleep, locked, died;
byte kills, writes;
bool committed[WRITES + 1];
bool registered;
byte expected;                         /* changes committed since the watcher registered */

/* A death: nothing of what follows happens, and the lock passes to the next owner, which recovers. */
inline mayDie() {
  if
  :: atomic { kills < KILLS -> kills++; died = 1; locked = 0; goto dead }
  :: skip
  fi
}

inline reserve() {
  if
  :: BACK || e + 1 > reserved -> reserved = e + 1
  :: else
  fi
}

/* What an owner of the lock does after a death. */
inline recover() {
  if
  :: died && TELLS && watched && CELL(head + 1) == sequence && (!LOOK || entry == sequence) ->
     mayDie();
     head = head + LENGTH(sequence);
     mayDie()
  :: else
  fi;
  died = 0
}

active [2] proctype writer() {
  byte h, e, o, v;
  bool tells;
endagain:
  atomic { !locked && writes < WRITES -> locked = 1; writes++ }
  recover();
  sequence++;
  v = sequence;
  mayDie();
  tells = watched;
  if
  :: tells ->
     h = head; e = h + LENGTH(v); o = CELL(h);
#if !LATE
     reserve();
     mayDie();
#endif
     CELL(h + 1) = v;
     mayDie();
     if
     :: LENGTH(v) == 3 -> CELL(h + 2) = v; mayDie()
     :: else
     fi;
     CELL(e) = o + 1;
     mayDie();
#if LATE
     reserve();
     mayDie();
#endif
#if EARLY
     head = e;
     mayDie();
#endif
  :: else
  fi;
  atomic {
    entry = v;
    committed[v] = 1;
    if
    :: registered -> expected++
    :: else
    fi
  }
  mayDie();
  if
  :: tells ->
#if !EARLY
     head = e;
     mayDie();
#endif
     if
     :: !marked -> watched = 0; mayDie()
     :: skip
     fi
  :: else
  fi;
  locked = 0;
  if
  :: tells -> asleep = 0
  :: else
  fi;
  goto endagain;
dead:
  skip
}

active proctype watcher() {
  byte at, ordinal, last, heard, missed, o, v, h;
#if FLAG
  marked = 1;
#endif
#if LOCKS
  atomic { !locked -> locked = 1 }
  recover();
#endif
  watched = 1;
  at = head;
  ordinal = CELL(at);
  registered = 1;
  locked = 0;
#if !FLAG
  marked = 1;
#endif
next:
  if
  :: QUIET -> goto end
  :: atomic { died && writes == WRITES && !locked -> locked = 1 }; recover(); locked = 0
  :: else
  fi;
  if
  :: head == at ->
     assert(!(ENDED && head == at && heard + missed != expected));  /* none lost uncounted */
     asleep = 1;
     if
     :: AGAIN && head != at
     :: else -> (!asleep || TIMED || QUIET)
     fi;
     asleep = 0;
     goto next
  :: else
  fi;
  o = CELL(at);
  v = CELL(at + 1);
#if CHECK == 1
  if
  :: reserved > at + CELLS -> goto overrun
  :: else
  fi;
#else
  if
  :: head > at + CELLS -> goto overrun
  :: else
  fi;
#endif
  assert(o == ordinal);                  /* whole */
  assert(v > last && committed[v]);      /* in order, once, and committed */
  last = v;
  ordinal++;
  heard++;
  at = at + LENGTH(v);
  goto next;
overrun:
  h = head;
  o = CELL(h);
  if
  :: reserved > h + CELLS -> goto overrun
  :: else
  fi;
  missed = missed + o - ordinal;
  ordinal = o;
  at = h;
  goto next;
end:
  assert(at == head);
dead:
  skip
}
