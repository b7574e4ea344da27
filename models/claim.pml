/* The claims of a queue: crates/primitives/src/queue. Workers claim jobs, work, and mark them as done. Any of them may be killed
   between any two stores. The next owner of the lock finds `dirty` and rebuilds the list from the words of the jobs; claims of
   the dead come back. Memory is sequentially consistent.

   KILLS     the maximum number of deaths
   Mutants:  DIRTY 0 (nothing tells of an interrupted change), ASKS 0 (claims are taken from workers without proof of death),
             LATE 1 (the word of a claimed job is stored after the change has ended) */
#ifndef KILLS
#define KILLS 2
#endif
#ifndef DIRTY
#define DIRTY 1
#endif
#ifndef ASKS
#define ASKS 1
#endif
#ifndef LATE
#define LATE 0
#endif
#define JOBS 2
#define WORKERS 3

byte word[JOBS];                       /* 0: gone; 1: ready; 1 + w: claimed by worker w */
bool listed[JOBS];                     /* in the list of ready jobs, which follows from the words */
byte working[JOBS];                    /* workers that believe to hold it and live */
byte finished[JOBS];                   /* how often `done` took effect */
byte lock;                             /* the worker that holds it; 0: free */
bool dirty;
bool dead[WORKERS + 1], begun;
byte kills;

init { atomic { word[0] = 1; word[1] = 1; listed[0] = 1; listed[1] = 1; run worker(1); run worker(2); run worker(3); begun = 1 } }

inline mayDie() {
  if
  :: atomic { kills < KILLS -> kills++; dead[me] = 1; if :: held < JOBS -> working[held]-- :: else fi; goto done }
  :: skip
  fi
}

/* Takes the lock if it is free or its owner is dead, and rebuilds if the last owner was interrupted. */
inline acquire() {
  atomic { lock == 0 || dead[lock] -> lock = me }
  if
  :: dirty -> listed[0] = (word[0] == 1); mayDie(); listed[1] = (word[1] == 1); mayDie(); dirty = 0
  :: else
  fi;
  /* What is found through the list is what the words say: no job is lost, and none is there twice. */
  atomic { assert(listed[0] == (word[0] == 1)); assert(listed[1] == (word[1] == 1)) }
  mayDie()
}

inline giveBack(j) {
  if
#if ASKS
  :: word[j] > 1 && dead[word[j] - 1] -> word[j] = 1; mayDie(); listed[j] = 1; mayDie()
#else
  :: word[j] > 1 && word[j] != 1 + me -> word[j] = 1; mayDie(); listed[j] = 1; mayDie()
#endif
  :: else
  fi
}

proctype worker(byte me) {
  byte held = JOBS, job;
again:
  acquire();
#if DIRTY
  dirty = 1; mayDie();
#endif
  giveBack(0);
  giveBack(1);
  if
  :: listed[0] -> job = 0
  :: !listed[0] && listed[1] -> job = 1
  :: !listed[0] && !listed[1] -> job = JOBS
  fi;
  if
  :: job < JOBS ->
     listed[job] = 0; mayDie();
#if LATE
     dirty = 0; mayDie();
#endif
     atomic { word[job] = 1 + me; held = job; working[job]++; assert(working[job] == 1) }
     mayDie()
  :: else
  fi;
  dirty = 0; mayDie();
  lock = 0;
  mayDie();
  if
  :: held < JOBS ->
     /* It works; then `done`. */
     acquire();
     if
     :: word[held] != 1 + me -> atomic { working[held]--; held = JOBS }
     :: else ->
#if DIRTY
        dirty = 1; mayDie();
#endif
        atomic { word[held] = 0; finished[held]++; assert(finished[held] == 1); working[held]--; held = JOBS }
        mayDie()
     fi;
     dirty = 0; mayDie();
     lock = 0
  :: else
  fi;
  if
  :: word[0] != 0 || word[1] != 0 -> goto again
  :: word[0] == 0 && word[1] == 0
  fi;
done:
  skip
}

/* At the end a worker is left, and so is no job. */
active proctype judge() {
  (begun && _nr_pr == 2);              /* init, and this */
  assert(word[0] == 0 && word[1] == 0)
}
