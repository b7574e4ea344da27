/* A channel's ring: crates/primitives/src/channel. Posters may be killed before any store; another one then takes over.
   A subscriber copies a message cell by cell and then checks whether it was overtaken. Memory is sequentially consistent.

   The ring has CELLS cells; a message takes two: its number, and a value that is its number plus one. The cell past the
   last message is already the number of the next one.

   KILLS     the maximum number of deaths
   POSTS     messages that the posters try to post
   Mutants:  CHECK 0 (no check after the copy), CHECK 2 (checks head instead of oldest), LATE 1 (oldest is moved
             after the message was written), TRAIL 1 (the number past the message is written after the commit) */
#ifndef KILLS
#define KILLS 2
#endif
#ifndef POSTS
#define POSTS 4
#endif
#ifndef CHECK
#define CHECK 1
#endif
#ifndef LATE
#define LATE 0
#endif
#ifndef TRAIL
#define TRAIL 0
#endif
#define CELLS 5
#define CELL(at) ring[(at) % CELLS]

byte ring[CELLS];
byte head, oldest;                     /* positions, which only grow */
byte kills, posted, committed;
bool locked;

/* A death: nothing of what follows happens, and the lock passes to the next poster. */
inline mayDie() {
  if
  :: atomic { kills < KILLS -> kills++; locked = 0; goto done }
  :: skip
  fi
}

inline giveWay() {
  if
  :: h + 3 - o > CELLS -> o = o + 2; mayDie(); oldest = o
  :: else
  fi
}

active [2] proctype poster() {
  byte h, o, n;
endagain:
  atomic { !locked && posted < POSTS -> locked = 1; posted++ }
  h = head; o = oldest; n = CELL(h);
#if !LATE
  giveWay();
#endif
  mayDie();
  CELL(h + 1) = n + 1;
  mayDie();
#if !TRAIL
  CELL(h + 2) = n + 1;
  mayDie();
#endif
#if LATE
  giveWay();
  mayDie();
#endif
  atomic { head = h + 2; committed++ }
#if TRAIL
  mayDie();
  CELL(h + 2) = n + 1;
#endif
  mayDie();
  locked = 0;
  if
  :: posted < POSTS -> goto endagain
  :: else
  fi;
done:
  skip
}

active proctype subscriber() {
  byte at, expected, heard, missed, number, value, h, o;
next:
  if
  :: heard + missed == committed && posted == POSTS && !locked -> goto end
  :: head != at || heard + missed != committed || posted != POSTS || locked
  fi;
  h = head;
  if
  :: h == at -> goto next
  :: else
  fi;
  o = oldest;
  if
  :: o > at -> at = o; goto next
  :: else
  fi;
  number = CELL(at);
  value = CELL(at + 1);
#if CHECK == 1
  o = oldest;
  if
  :: o > at -> at = o; goto next
  :: else
  fi;
#endif
#if CHECK == 2
  if
  :: head > at + CELLS -> at = oldest; goto next
  :: else
  fi;
#endif
  assert(value == number + 1);                       /* whole */
  assert(number >= expected && number < committed);  /* in order, and committed */
  missed = missed + number - expected;
  expected = number + 1;
  heard++;
  at = at + 2;
  assert(heard + missed == expected);                /* none lost uncounted */
  goto next;
end:
  assert(expected == committed || at == head)
}
