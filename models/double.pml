/* Doubling an index in place, with readers that take no lock. crates/dict/src/{index/double.rs,ops/read,segment/levels.rs}.
   One key is in the index throughout. Its probe visits bucket 0, then 1; at level 1 the same steps visit the same bucket or
   the one 2 further, each by a bit of its own. The word stands at the first or the second step, and in the second case
   it is counted in the bucket that it passed. The participant that doubles may be killed before any store, its recovery
   included. The readers are threads of one process, which share what it knows of the level.

   Mutants: HALF 1 the first step's bit decides for the word at the second
            COUNTS 1 only words that go up are counted; 2 the upper counts are stored after the level
            TAIL 1 lower counts are stored before the level
            AGAIN 0 a reader that found nothing does not compare the level
            SHAPE 0 the quick reader compares the level with what is known by then, not with what it searched by
            IDLE 1 the doubling ends before words that have gone up are cleared
            SCAN 1 a scan visits words that have gone up and were not cleared; 2 it forgets what it visited before a doubling;
                 3 it does not compare the level after a load
   READERS: how many; SCANS 1: a scan as well. After the doubling the key may be deleted. A reader that has found the key is
   asked again, and then its local cache decides. */
#ifndef IDLE
#define IDLE 0
#endif
#ifndef SCAN
#define SCAN 0
#endif
#ifndef READERS
#define READERS 2
#endif
#ifndef SCANS
#define SCANS 0
#endif
#ifndef HALF
#define HALF 0
#endif
#ifndef COUNTS
#define COUNTS 0
#endif
#ifndef TAIL
#define TAIL 0
#endif
#ifndef AGAIN
#define AGAIN 1
#endif
#ifndef SHAPE
#define SHAPE 1
#endif

bit word[4]; byte count[4]; bit level, armed;
bit bits[2], step;                           /* which half each step visits at level 1; where the word stands */
bit known;                                   /* the level that the readers' process knows */
bit copied;                                  /* the copy of the level, which is stored at the end */
bit gone, freed;                             /* the key was deleted; its block has an odd version */
bit isready;

#define S(store) if :: store :: goto dead fi
#define AT(k, l) (k + ((l && bits[k]) -> 2 : 0))
#if HALF
#define RISES bits[0]
#else
#define RISES bits[step]
#endif
#if COUNTS == 1
#define PASSES (step == 1 && RISES)
#else
#define PASSES (step == 1)
#endif

active proctype Grower() {
  if :: bits[0] = 1 :: skip fi;
  if :: bits[1] = 1 :: skip fi;
  if :: step = 1 :: skip fi;
  if :: word[2] = 1 :: skip fi;              /* an earlier doubling that was undone leaves anything */
  if :: word[3] = 1 :: skip fi;
  if :: count[2] = 1 :: skip fi;
  d_step { word[step] = 1; count[0] = step; isready = 1 };
again:
  S(armed = 1);
  S(word[2] = 0);
  S(word[3] = 0);
  if :: RISES -> S(word[step + 2] = 1) :: else fi;
#if COUNTS != 2
  S(count[2] = (PASSES && bits[0] -> 1 : 0));
#endif
#if TAIL
  S(count[0] = (PASSES && !bits[0] -> 1 : 0));
#endif
  S(level = 1);
#if COUNTS == 2
  S(count[2] = (PASSES && bits[0] -> 1 : 0));
#endif
tail:
#if IDLE
  S(armed = 0);
#endif
  if :: RISES -> S(word[step] = 0) :: else fi;
  S(count[0] = (PASSES && !bits[0] -> 1 : 0));
  S(copied = 1);
  S(armed = 0);
  goto fin;
dead:
  if
  :: armed && level -> goto tail
  :: armed && !level -> armed = 0; goto again
  :: !armed && !level -> goto again
  :: else
  fi;
fin:
  if
  :: d_step { word[AT(step, level)] = 0; gone = 1 };
     freed = 1
  :: skip
  fi
}

/* What another thread of the process does meanwhile. */
active proctype Learns() {
  end: level -> known = 1
}

#if READERS
active [READERS] proctype Reader() {
  bit shape, was, current; byte home, seen;
  isready;
  /* The quick search. */
  shape = known;
  home = AT(0, shape);
  if :: word[home] -> goto found :: else fi;
  seen = count[home];
  if
  :: seen > 0 -> home = AT(1, shape); if :: word[home] -> goto found :: else fi
  :: else
  fi;
#if !SHAPE
  shape = known;
#endif
  if
  :: AGAIN && level != shape -> goto slow
  :: else
  fi;
  if :: gone -> goto fin :: else fi;
  assert(false);                             /* the key was there all the time */
slow:
  shape = known;
  home = AT(0, shape);
  if :: word[home] -> goto found :: else fi;
  seen = count[home];
  if
  :: seen > 0 -> home = AT(1, shape); if :: word[home] -> goto found :: else fi
  :: else
  fi;
  if
  :: AGAIN && level != shape -> known = 1; goto slow
  :: gone -> goto fin
  :: else -> assert(false)
  fi;
found:
  skip;
  /* The cache: the word still leads there; then the version is still the same. */
  d_step { current = word[home]; was = gone };
  if :: current && !freed -> assert(!was) :: else fi;
fin:
  skip
}
#endif

#if SCANS
active proctype Scan() {
  bit shape, met, settled, lower; byte at, first, visits;
  isready;
  shape = known;
  do
  :: at == (shape -> 4 : 2) -> break
  :: else ->
     if :: SCAN != 2 && met && at % 2 < first -> goto next :: else fi;
     if
     :: SCAN != 1 && shape && at < 2 && !settled ->
        settled = level && copied;
        lower = word[at];
        if :: !settled && lower && word[at + 2] -> goto next :: else fi
     :: else
     fi;
     lower = word[at];
     if
     :: SCAN != 3 && level != shape -> shape = 1; met = 1; first = at; known = 1
     :: else -> visits = visits + lower; goto next
     fi;
     goto again;
next:
     at = at + 1;
again:
     skip
  od;
  assert(visits <= 1);
  assert(visits == 1 || gone)
}
#endif
