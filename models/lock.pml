/* A shard's lock and the registration of participants: crates/object/src/{lock,participants.rs}.
   Every process may be killed between any two steps. Each step is one access to shared memory or one
   system call; memory is sequentially consistent.

   KILLS     the maximum number of deaths
   TIMED     1: waits time out; 0: never (then a lost wake-up must show as a deadlock)
   NEWCOMER  1: the last process registers in the slot of a dead one; 0: it has its own slot
   LOSES     1: one live process loses its liveness lock (which must never happen)
   Mutants:  KEEPFLAG 0 (a waiter that slept takes the lock without the flag), GENERATION 0 (registration
             does not advance it), UNLOCK 0 (unlock with a plain store), REGISTER 0 (the newcomer takes
             over with a plain store), ASKS 0 (takes over without checking that the owner is dead) */
#ifndef KILLS
#define KILLS 2
#endif
#ifndef TIMED
#define TIMED 1
#endif
#ifndef NEWCOMER
#define NEWCOMER 1
#endif
#ifndef LOSES
#define LOSES 0
#endif
#ifndef KEEPFLAG
#define KEEPFLAG 1
#endif
#ifndef GENERATION
#define GENERATION 1
#endif
#ifndef UNLOCK
#define UNLOCK 1
#endif
#ifndef REGISTER
#define REGISTER 1
#endif
#ifndef ASKS
#define ASKS 1
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif
#define NP 3

byte ws, wg; bool ww;                   /* the lock word: slot (0: free), generation, WAITERS: one word */
byte gen[NP + 1], liveness[NP + 1];       /* per slot: generation; holder of the liveness lock, or 0 */
bool dead[NP + 1], parked[NP + 1], woken[NP + 1], inside[NP + 1], lost[NP + 1];
bool armed;                             /* the shard's intent */
byte kills, loses;

#define SEEN (ws == vs && wg == vg && ww == vw)
inline load() { d_step { vs = ws; vg = wg; vw = ww } }
inline take(flag) { ws = slot; wg = g; ww = flag }
inline enter() {
  d_step {
    inside[me] = 1;
    /* a process that lost its liveness lock looks dead to the others, and does not know it yet */
    assert((inside[1] && !lost[1]) + (inside[2] && !lost[2]) + (inside[3] && !lost[3]) <= 1)
  }
}
inline release() {
  atomic {
    inside[me] = 0;
#if UNLOCK
    if
    :: ws == slot && wg == g -> vw = ww; ws = 0; wg = 0; ww = 0
    :: else -> assert(lost[me]); goto done           /* fenced off: it stops writing */
    fi
#else
    vw = ww; ws = 0; wg = 0; ww = 0
#endif
  }
  if
  :: vw -> atomic {                                  /* FUTEX_WAKE 1: any of the sleepers */
       if
       :: parked[1] && !woken[1] -> woken[1] = 1
       :: parked[2] && !woken[2] -> woken[2] = 1
       :: parked[3] && !woken[3] -> woken[3] = 1
       :: else
       fi
     }
  :: else
  fi
}

proctype P(byte me) {
  byte slot, g, vs, vg, rounds; bool vw;
  {
  if
  :: NEWCOMER && me == NP ->
end_of_a_newcomer_without_a_slot:
     atomic {                                        /* the kernel grants a free liveness lock */
       if
       :: liveness[1] == 0 -> slot = 1
       :: liveness[2] == 0 -> slot = 2
       fi;
       liveness[slot] = me
     }
     g = gen[slot] + GENERATION;
     gen[slot] = g;
     load();
     if
     :: vs == slot && (vg != g || !GENERATION) ->
        atomic { if :: SEEN || !REGISTER -> take(1) :: else -> goto registered fi }
        enter();
        armed = 0;                                   /* recovery */
        release()
     :: else
     fi
  :: else -> d_step { slot = me; g = gen[me] }
  fi;
registered:
again:
  if :: rounds == ROUNDS -> goto done :: else -> rounds++ fi;
  atomic { if :: ws == 0 -> take(0); goto got :: else fi }
slow:
  load();
  if
  :: vs == 0 -> atomic { if :: ws == 0 -> take(KEEPFLAG); goto got :: else -> goto slow fi }
  :: vs != 0 && !vw -> atomic { if :: SEEN -> ww = 1; vw = 1 :: else -> goto slow fi }
  :: else
  fi;
  atomic { if :: SEEN -> parked[me] = 1; woken[me] = 0 :: else -> goto slow fi }     /* FUTEX_WAIT */
  if
  :: atomic { woken[me] -> parked[me] = 0 } goto slow
#if TIMED
  :: atomic { parked[me] -> parked[me] = 0 }         /* the slice is over */
     if :: gen[vs] != vg || !ASKS -> goto steal :: else fi;
     if :: liveness[vs] == 0 -> goto steal :: else fi;
     if :: goto slow :: goto again fi                /* or ERR_SHM_LOCK_TIMEOUT */
#endif
  fi;
steal:
  atomic { if :: SEEN -> take(1) :: else -> goto slow fi }
got:
  enter();
  if :: armed -> armed = 0 :: else fi;               /* recovery */
  d_step { assert(!armed || lost[1] || lost[2] || lost[3]); armed = 1 }
  armed = 0;
  release();
  goto again;
done:
  skip
  } unless { dead[me] }
}

inline kill(i) {
  d_step {
    dead[i] = 1; kills++; parked[i] = 0; inside[i] = 0;
    if :: liveness[1] == i -> liveness[1] = 0 :: else fi;    /* the kernel releases its liveness lock */
    if :: liveness[2] == i -> liveness[2] = 0 :: else fi;
    if :: liveness[3] == i -> liveness[3] = 0 :: else fi
  }
}

proctype Fate() {
  do
  :: kills < KILLS && !dead[1] -> kill(1)
  :: kills < KILLS && !dead[2] -> kill(2)
  :: kills < KILLS && !dead[3] -> kill(3)
  :: LOSES && loses == 0 && liveness[1] == 1 -> d_step { loses++; lost[1] = 1; liveness[1] = 0 }
  :: break
  od
}

init {
  atomic {
    gen[1] = 1; liveness[1] = 1; gen[2] = 1; liveness[2] = 2;
    gen[3] = 1; liveness[3] = 3;
    run P(1); run P(2); run P(3); run Fate()
  }
}
