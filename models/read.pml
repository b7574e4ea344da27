/* One key: writers, a reader without a lock, a reader with a local cache, the clock, `clear`.
   crates/dict/src/{ops/read/slow.rs,ops/commit.rs,ops/write/atomic.rs,recovery,entry}.
   Writers follow one another under the shard's lock (lock.pml), so one process models all of them. Any of
   them, recovering ones included, may be killed before any store; the next one recovers. Each step is one
   access to shared memory; memory is sequentially consistent.

   IDS     the maximum number of writes      READS   calls of the reader
   INPLACE changes in place (incr, expire)   CLEARS  calls of clear     TTL  deadlines, and a clock
   CHAIN   entries of two blocks       CACHE   the reader keeps a local cache
   Mutants: ORDER 0 no second check of the index word, 1 version first, 3 no second check of the version
            INPLACE 2 plain store, then the version; 3 the version, then a plain store
            CACHED 1 the cache checks the version first; 2 it does not check the epoch
            CLOCK 0 the clock is read before the index word is checked, 2 after all checks
            LATEMARK 1 blocks are marked after the commit; LATEARM 1 before the intent is armed
            EARLYIDLE 1 disarmed before the old blocks are freed
            ODD 0 no version is ever odd (these checks do not need it: docs/verification.md) */
#ifndef IDS
#define IDS 4
#endif
#ifndef READS
#define READS 2
#endif
#ifndef INPLACE
#define INPLACE 1
#endif
#ifndef CLEARS
#define CLEARS 0
#endif
#ifndef TTL
#define TTL 0
#endif
#ifndef CHAIN
#define CHAIN 0
#endif
#ifndef CACHE
#define CACHE 1
#endif
#ifndef ORDER
#define ORDER 2
#endif
#ifndef CACHED
#define CACHED 0
#endif
#ifndef CLOCK
#define CLOCK 1          /* between two checks of the index word */
#endif
#ifndef LATEMARK
#define LATEMARK 0
#endif
#ifndef LATEARM
#define LATEARM 0
#endif
#ifndef EARLYIDLE
#define EARLYIDLE 0
#endif
#ifndef ODD
#define ODD 1
#endif
#define NB (2 + CHAIN)

/* Shared memory. Block 0 is none. A version is sequence * 4 + cell * 2 + odd. */
byte idx, seq = 1, epoch = 1;
byte ver[NB + 1], key[NB + 1], cell0[NB + 1], cell1[NB + 1], tag[NB + 1], link[NB + 1];
bit dl0[NB + 1], dl1[NB + 1], used[NB + 1];
bit armed; byte iold, inew;
bit now;                                     /* the clock; a deadline is 0 (none) or 1 */

/* Ghosts: the key's value in the order of the commits (0: none), and what the read may return. */
byte cur, curtag; bit curdl; byte first[IDS + 1];
byte nextid, cleared; bit ok[IDS + 1]; byte since;
#define LIVE (cur != 0 && curtag == epoch && !(curdl && now))
inline note() { if :: LIVE -> ok[cur] = 1 :: else -> ok[0] = 1 fi }
/* A writer that read the epoch before a `clear` commits just before it, even if its store comes later: a
   read that began before that clear may return it. */
inline commit(id_, tag_, dl_) {
  cur = id_; curtag = tag_; curdl = dl_;
  if :: id_ != 0 && tag_ != epoch && since == tag_ && !(dl_ && now) -> ok[id_] = 1 :: else fi;
  note()
}

/* A store; the writer may die before it. */
#define S(store) if :: store :: goto dead fi

active proctype Writer() {
  byte A, B, C, id, v, e; bit d, d0;
idle: skip;
  d_step {
    A = 0; B = 0; C = 0; v = 0; d = 0; d0 = 0; id = 0;
    /* Between operations, bitmap and index agree. */
    B = 1;
    do
    :: B <= NB ->
       assert(used[B] == (B == idx || (CHAIN && idx != 0 && link[idx] == B)));
       B++
    :: else -> break
    od;
    B = 0
  };
  if
  :: nextid < IDS -> d_step { nextid++; id = nextid }
  :: goto fin
  fi;
  e = epoch;                                            /* once, after locking */
  if
  :: goto set
  :: idx != 0 -> goto del
#if INPLACE
  :: idx != 0 && tag[idx] == e -> goto inplace
#endif
  fi;

set:
#if TTL
  if :: d = 0 :: d = 1 fi;
#endif
  if
  :: !used[1] -> B = 1
  :: !used[2] -> B = 2
#if CHAIN
  :: !used[3] -> B = 3
#endif
  :: else -> goto idle
  fi;
#if CHAIN
  if
  :: true                                               /* a single block */
  :: B != 1 && !used[1] -> C = 1
  :: B != 2 && !used[2] -> C = 2
  :: B != 3 && !used[3] -> C = 3
  fi;
#endif
  S(seq = seq + 1);
  v = seq * 4;
#if ODD
  S(ver[B] = v + 1);
#endif
  S(tag[B] = e);
  S(cell0[B] = id);
#if TTL
  S(dl0[B] = d);
#endif
#if CHAIN
  S(link[B] = C);
  if :: C != 0 -> S(key[C] = id) :: else fi;
#endif
  S(key[B] = id);
  S(ver[B] = v);
#if LATEARM
  S(used[B] = 1);
#endif
  A = idx;
  S(d_step { iold = A; inew = B; armed = 1 });          /* checksummed: armed by one store */
#if !LATEMARK
  S(used[B] = 1);
  if :: C != 0 -> S(used[C] = 1) :: else fi;
#endif
  S(d_step { idx = B; first[id] = id; commit(id, e, d) });
#if LATEMARK
  S(used[B] = 1);
#endif
  goto finish;

del:
  A = idx;
  S(seq = seq + 1);
  S(d_step { iold = A; inew = 0; armed = 1 });
  S(d_step { idx = 0; commit(0, e, 0) });

finish:
#if EARLYIDLE
  S(armed = 0);
#endif
  if
  :: A != 0 ->
#if ODD
     S(ver[A] = ver[A] | 1);
#endif
     S(used[A] = 0);
     if :: CHAIN && link[A] != 0 -> S(used[link[A]] = 0) :: else fi
  :: else
  fi;
  S(armed = 0);
  goto idle;

inplace:
  A = idx; v = ver[A];
  S(seq = seq + 1);
#if TTL
  if :: d = 0 :: d = 1 fi;
#endif
#if INPLACE == 1
  if
  :: v & 2 -> S(cell0[A] = id); if :: TTL -> S(dl0[A] = d) :: else fi
  :: else  -> S(cell1[A] = id); if :: TTL -> S(dl1[A] = d) :: else fi
  fi;
  S(d_step { ver[A] = seq * 4 + ((v & 2) ^ 2); first[id] = key[A]; commit(id, e, d) });
#elif INPLACE == 2
  S(d_step { cell0[A] = id; first[id] = key[A]; commit(id, e, d) });
  S(ver[A] = seq * 4);
#elif INPLACE == 3
  S(ver[A] = seq * 4);
  S(d_step { cell0[A] = id; first[id] = key[A]; commit(id, e, d) });
#endif
  goto idle;

dead:                                                   /* the next owner of the lock; it may be killed too */
  skip;
  d_step { A = 0; B = 0; C = 0; v = 0; d = 0; id = 0 };
  if
  :: armed && idx == inew -> A = iold
  :: armed && idx == iold && idx != inew -> A = inew
  :: armed && idx != inew && idx != iold -> assert(false)   /* a rebuild: no death alone causes it */
  :: else -> goto idle
  fi;
  if
  :: A != 0 ->
#if ODD
     if :: idx == inew -> S(ver[A] = ver[A] | 1) :: else fi;
#endif
     S(used[A] = 0);
     if :: CHAIN && link[A] != 0 -> S(used[link[A]] = 0) :: else fi
  :: else
  fi;
  S(armed = 0);
  goto idle;
fin:
  skip
}

#if CLEARS
active proctype Clearer() {
  do
  :: cleared < CLEARS -> d_step { cleared++; epoch++; note() }
  :: break
  od
}
#endif
#if TTL
active proctype Clock() { d_step { now = 1; note() } }
#endif

/* The outcome of the read. */
inline hit(x_, p_) { d_step { assert(ok[x_]); assert(x_ != 0); assert(first[x_] == p_) } }
inline miss() { assert(ok[0]) }

active proctype Reader() {
  byte n, e, w, v, x, p, l, t; bit d, late;
  byte cw, cv, cx, cp, ce; bit have;
again:
  if :: n == READS -> goto done :: else -> n++ fi;
  d_step {
    e = 0;
    do :: e <= IDS -> ok[e] = 0; e++ :: else -> break od;
    since = epoch; note();
    e = 0; w = 0; v = 0; x = 0; p = 0; l = 0; t = 0; d = 0; late = 0
  };
#if CACHE
  if
  :: have ->
#if CACHED != 2
     if :: epoch == ce -> skip :: else -> have = 0; goto native fi;
#endif
#if CACHED == 1
     if :: ver[cw] == cv -> skip :: else -> have = 0; goto native fi;
     if :: idx == cw -> skip :: else -> have = 0; goto native fi;
#else
     if :: idx == cw -> skip :: else -> have = 0; goto native fi;
     if :: ver[cw] == cv -> skip :: else -> have = 0; goto native fi;
#endif
     hit(cx, cp);
     goto again
  :: else
  fi;
#endif
native:
  e = epoch;
  w = idx;
  if :: w == 0 -> miss(); goto again :: else fi;
  v = ver[w];
  if :: v & 1 -> goto native :: else fi;
  t = tag[w];
  if :: v & 2 -> x = cell1[w] :: else -> x = cell0[w] fi;
#if TTL
  if :: v & 2 -> d = dl1[w] :: else -> d = dl0[w] fi;
#endif
#if CHAIN
  l = link[w];
#endif
  p = key[w];
#if CHAIN
  if :: l != 0 -> if :: key[l] == p -> skip :: else -> p = 255 fi :: else fi;
#endif
#if TTL && CLOCK == 0
  if :: d -> late = now :: else fi;
#endif
#if ORDER == 0
  if :: ver[w] == v -> skip :: else -> goto native fi;
#elif ORDER == 1
  if :: ver[w] == v -> skip :: else -> goto native fi;
  if :: idx == w -> skip :: else -> goto native fi;
#elif ORDER == 2
  if :: idx == w -> skip :: else -> goto native fi;
#if TTL && CLOCK == 1
  if
  :: d -> late = now; if :: idx == w -> skip :: else -> goto native fi
  :: else
  fi;
#endif
  if :: ver[w] == v -> skip :: else -> goto native fi;
#else
  if :: idx == w -> skip :: else -> goto native fi;
#endif
#if TTL && CLOCK == 2
  if :: d -> late = now :: else fi;
#endif
  if
  :: t != e || (d && late) -> miss()
  :: else ->
     hit(x, p);
#if CACHE
     if :: !d -> d_step { cw = w; cv = v; cx = x; cp = p; ce = e; have = 1 } :: else fi
#endif
  fi;
  goto again;
done:
  skip
}
