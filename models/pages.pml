/* A page that two shards use in turn and cut differently, so that the word of a block's version becomes
   payload and then a version again. crates/dict/src/{slab/pages.rs,recovery,layout/word.rs}.
   Cut small, the page has blocks at words 0 and 2, with a version and a value each. Cut large, it has one
   block at word 0: a version, a value, and two more words of payload with arbitrary bytes, including those
   of the next version (the worst case). The first shard cuts the page small and the second one large; the
   first shard also has a block outside of the page. A reader reads the first shard's key, which starts in
   the page's second block. Both writers may be killed before any store, recovery included.

   IDS      the maximum number of writes of both shards    DEATHS  1: writers may be killed
   GENS     the number of page generations that an index word can tell apart
   Mutants: GENS 1 none, 2 too few: they wrap around; RETURN 1 the page is returned before the intent is idle */
#ifndef IDS
#define IDS 4
#endif
#ifndef GENS
#define GENS 8
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef RETURN
#define RETURN 0
#endif
#define SMALL 1
#define LARGE 2
#define JUNK 255
#define NOWHERE 9
#define WORD(off, gen_) ((off) + 1 + 16 * ((gen_) % GENS))
#define OFF(w_) (((w_) % 16) - 1)

byte m[6];                                    /* the page's four words; the first shard's other block */
byte owner, cut, gen;                         /* the page's entry in the page table: one word */
bit mark[6];                                  /* by block offset */
byte idx[3], seq[3];
bit armed[3]; byte iold[3], inew[3];

byte cur, nextid; bit ok[IDS + 2];            /* ghosts: the first shard's key */
#if DEATHS
#define S(store) if :: store :: goto dead fi
#else
#define S(store) store
#endif
#define INPAGE(off) ((off) < 4)
#define EMPTY (!mark[0] && !mark[2])

proctype Shard(byte me) {
  byte A, B, id, v, want;
idle: skip;
  d_step {
    A = NOWHERE; B = NOWHERE; id = 0; v = 0; want = 0;
    if
    :: idx[me] != 0 ->
       assert(mark[OFF(idx[me])]);
       assert(!INPAGE(OFF(idx[me])) || (owner == me && cut != 0))
    :: else
    fi
  };
  if
  :: atomic { nextid < IDS -> nextid++; id = nextid }
  :: goto fin
  fi;
  if
  :: goto set
  :: idx[me] != 0 -> goto del
  fi;
set:
  if                                          /* the other block, or one of the page, cut either way */
  :: me == 1 && !mark[4] -> B = 4
  :: me == 1 -> want = SMALL
  :: me == 2 -> want = LARGE
  fi;
  if
  :: want != 0 ->
     if
     :: owner == me && cut == want
     :: else ->                               /* claim: one compare-and-swap with the next generation */
        if
        :: atomic { owner == 0 -> owner = me; cut = want; gen++ }
        :: atomic { owner != 0 -> goto idle }
#if DEATHS
        :: goto dead
#endif
        fi
     fi;
     if
     :: cut == SMALL && !mark[2] -> B = 2
     :: !mark[0] -> B = 0
     :: else -> goto idle
     fi
  :: else
  fi;
  S(seq[me] = seq[me] + 1);
  v = seq[me] * 2;
  S(m[B] = v + 1);
  S(m[B + 1] = id);
  if
  :: want == LARGE ->
     S(m[2] = (seq[1] + 1) * 2);
     S(m[3] = JUNK)
  :: else
  fi;
  S(m[B] = v);
  if :: idx[me] != 0 -> A = OFF(idx[me]) :: else fi;
  S(d_step { iold[me] = idx[me]; inew[me] = (INPAGE(B) -> WORD(B, gen) : WORD(B, 0)); armed[me] = 1 });
  S(mark[B] = 1);
  S(d_step { idx[me] = inew[me]; if :: me == 1 -> cur = id; ok[cur] = 1 :: else fi });
  goto finish;
del:
  A = OFF(idx[me]);
  S(d_step { iold[me] = idx[me]; inew[me] = 0; armed[me] = 1 });
  S(d_step { idx[me] = 0; if :: me == 1 -> cur = 0; ok[cur] = 1 :: else fi });
finish:
  if :: A != NOWHERE -> S(m[A] = m[A] | 1); S(mark[A] = 0) :: else fi;
#if RETURN
  if :: owner == me && EMPTY -> S(owner = 0) :: else fi;
#endif
  S(armed[me] = 0);
back:
  if :: owner == me && EMPTY -> if :: owner = 0 :: goto idle fi :: else fi;
  goto idle;
dead:
  skip;
  d_step { A = NOWHERE; B = NOWHERE; v = 0; id = 0; want = 0 };
  if
  :: armed[me] && idx[me] == inew[me] && iold[me] != 0 -> A = OFF(iold[me]); v = 1
  :: armed[me] && idx[me] == inew[me] && iold[me] == 0
  :: armed[me] && idx[me] != inew[me] -> assert(idx[me] == iold[me]); if :: inew[me] != 0 -> A = OFF(inew[me]) :: else fi
  :: else -> goto back
  fi;
  if
  :: A != NOWHERE ->
     assert(!INPAGE(A) || owner == me);       /* otherwise a rebuild, which no death alone may cause */
     if :: v -> S(m[A] = m[A] | 1) :: else fi;
     S(mark[A] = 0)
  :: else
  fi;
  S(armed[me] = 0);
  goto back;
fin:
  skip
}

proctype Reader() {
  byte w, v, x;
  d_step { w = 0; do :: w <= IDS + 1 -> ok[w] = 0; w++ :: else -> break od; w = 0; ok[cur] = 1 };
retry:
  w = idx[1];
  if :: w == 0 -> assert(ok[0]); goto done :: else fi;
  v = m[OFF(w)];
  if :: v & 1 -> goto retry :: else fi;
  x = m[OFF(w) + 1];
  if :: idx[1] == w -> skip :: else -> goto retry fi;
  if :: m[OFF(w)] == v -> skip :: else -> goto retry fi;
  d_step { assert(x != JUNK && x != 0); assert(ok[x]) };
done:
  skip
}
init {
  atomic {
    seq[1] = 1; seq[2] = 1;
    owner = 1; cut = SMALL; gen = 1; mark[2] = 1; m[2] = 2; m[3] = IDS + 1; cur = IDS + 1; idx[1] = WORD(2, 1);
    run Shard(1); run Shard(2); run Reader()
  }
}
