/* Two keys with the same home bucket, one slot per bucket: overflow counts, and slots and blocks that
   pass from one key to the other. crates/dict/src/{index,ops/read/slow.rs,ops/commit.rs,recovery}.
   Key 1 is read; key 2 is in its way. Writers may be killed before any store, recovery included.

   IDS      the maximum number of writes
   Mutants: CHECK 0 the reader does not check the index word again
            COUNT 1 raised after the entry is published; 2 lowered before the entry is gone
            RECOVERY 1 recovery lowers the count of a key that was being deleted */
#ifndef IDS
#define IDS 4
#endif
#ifndef READS
#define READS 1
#endif
#ifndef CHECK
#define CHECK 1
#endif
#ifndef COUNT
#define COUNT 0
#endif
#ifndef RECOVERY
#define RECOVERY 0
#endif
#define NB 3

byte idx[2], over, seq = 1;                  /* two buckets of one slot; the first's overflow count */
byte ver[NB + 1], key[NB + 1], val[NB + 1]; bit used[NB + 1];
bit armed; byte iold, inew, ipos, ipassed;

byte cur, nextid; bit ok[IDS + 1];           /* ghosts: key 1's value in the order of the commits */
inline commit(k_, id_) { if :: k_ == 1 -> cur = id_; ok[cur] = 1 :: else fi }
#define S(store) if :: store :: goto dead fi
/* Under the lock: is the key in the bucket? */
#define AT(pos, k_) (idx[pos] != 0 && key[idx[pos]] == k_)

active proctype Writer() {
  byte A, B, pos, passed, k, id, v;
idle: skip;
  d_step {
    A = 0; B = 0; pos = 0; passed = 0; k = 0; v = 0; id = 0;
    assert(idx[1] == 0 || over > 0);         /* otherwise key 1 could be missed */
    assert(used[1] == (idx[0] == 1 || idx[1] == 1));
    assert(used[2] == (idx[0] == 2 || idx[1] == 2));
    assert(used[3] == (idx[0] == 3 || idx[1] == 3))
  };
  if
  :: nextid < IDS -> d_step { nextid++; id = nextid }
  :: goto fin
  fi;
  if :: k = 1 :: k = 2 fi;
  if
  :: goto set
  :: AT(0, k) || (over > 0 && AT(1, k)) -> goto del
  fi;
set:
  if
  :: !used[1] -> B = 1
  :: used[1] && !used[2] -> B = 2
  :: used[1] && used[2] && !used[3] -> B = 3
  :: else -> goto idle
  fi;
  if                                          /* find: the key's bucket, or the first vacancy */
  :: AT(0, k) -> pos = 0
  :: else ->
     if
     :: over > 0 && AT(1, k) -> pos = 1
     :: else -> if :: idx[0] == 0 -> pos = 0 :: idx[0] != 0 && idx[1] == 0 -> pos = 1; passed = 1 :: else -> goto idle fi
     fi
  fi;
  S(seq = seq + 1);
  v = seq * 2;
  S(ver[B] = v + 1);
  S(key[B] = k);
  S(val[B] = id);
  S(ver[B] = v);
  A = idx[pos];
  S(d_step { iold = A; inew = B; ipos = pos; ipassed = passed; armed = 1 });
#if COUNT != 1
  if :: passed -> S(over = over + 1) :: else fi;
#endif
  S(used[B] = 1);
  S(d_step { idx[pos] = B; commit(k, id) });
#if COUNT == 1
  if :: passed -> S(over = over + 1) :: else fi;
#endif
  if :: A != 0 -> S(ver[A] = ver[A] | 1); S(used[A] = 0) :: else fi;
  S(armed = 0);
  goto idle;
del:
  if :: AT(0, k) -> pos = 0 :: else -> pos = 1; passed = 1 fi;
  A = idx[pos];
  S(seq = seq + 1);
  S(d_step { iold = A; inew = 0; ipos = pos; ipassed = passed; armed = 1 });
#if COUNT == 2
  if :: passed -> S(over = over - 1) :: else fi;
#endif
  S(d_step { idx[pos] = 0; commit(k, 0) });
  S(ver[A] = ver[A] | 1);
  S(used[A] = 0);
#if COUNT != 2
  if :: passed -> S(over = over - 1) :: else fi;
#endif
  S(armed = 0);
  goto idle;
dead:
  skip;
  d_step { A = 0; B = 0; pos = 0; passed = 0; k = 0; v = 0; id = 0 };
  if
  :: armed && idx[ipos] == inew -> A = iold
  :: armed && idx[ipos] == iold && idx[ipos] != inew -> A = inew
  :: armed && idx[ipos] != inew && idx[ipos] != iold -> assert(false)
  :: else -> goto idle
  fi;
  if
  :: A != 0 -> if :: idx[ipos] == inew -> S(ver[A] = ver[A] | 1) :: else fi; S(used[A] = 0)
  :: else
  fi;
#if RECOVERY
  if :: inew == 0 && ipassed && over > 0 -> S(over = over - 1) :: else fi;
#endif
  S(armed = 0);
  goto idle;
fin:
  skip
}

active proctype Reader() {
  byte n, w, v, k, x, b;
again:
  if :: n == READS -> goto done :: else -> n++ fi;
  d_step { w = 0; do :: w <= IDS -> ok[w] = 0; w++ :: else -> break od; w = 0; ok[cur] = 1 };
probe: skip;
  d_step { w = 0; v = 0; k = 0; x = 0; b = 0 };
bucket:
  w = idx[b];
  if
  :: w != 0 ->
     v = ver[w];
     if :: v & 1 -> goto probe :: else fi;
     k = key[w];
     x = val[w];
#if CHECK
     if :: idx[b] == w -> skip :: else -> goto probe fi;
#endif
     if :: ver[w] == v -> skip :: else -> goto probe fi;
     if :: k == 1 -> d_step { assert(x != 0); assert(ok[x]) } goto again :: else fi
  :: else
  fi;
  if
  :: b == 0 -> if :: over != 0 -> b = 1; goto bucket :: over == 0 fi
  :: else
  fi;
  assert(ok[0]);                              /* a miss */
  goto again;
done:
  skip
}
