/* A server that is replaced: src/valkey, before a cluster or Sentinels. One key, on the server that a majority of three voters
   names: the masters of a cluster, or the Sentinels. At any time two of the three come to name another server, and from then on
   it is written to there. The replaced server does not know, and goes on answering; with CLUSTER 1 it is the third voter.
   This host has an agent and readers. Its links to voters and servers are cut and mended at any time: what was sent over a cut
   link arrives when it is mended, if the connection was not given up. Readers fetch from either server, as a client that has
   not heard of the other one does. models/tier.pml has everything that happens before one server.
   Checked at each hit: the value was not superseded more than TRUST before the reader began.

   CUTS      how often a link is cut or mended
   CLUSTER   1: the first voter is the server that is replaced; 0: the voters are Sentinels
   Mutants:  MAJORITY 0 (an agent that reaches fewer than two voters tracks), COMPARE 0 (voters are not asked again before a
             beat), SERVER 0 (a fetched value is stored whichever server it is from), LEFT 0 (a key is served though its
             server is not tracked), RECORD 0 (the tier is emptied before the server is recorded) */
#ifndef CUTS
#define CUTS 1
#endif
#ifndef CLUSTER
#define CLUSTER 1
#endif
#ifndef MAJORITY
#define MAJORITY 1
#endif
#ifndef COMPARE
#define COMPARE 1
#endif
#ifndef SERVER
#define SERVER 1
#endif
#ifndef LEFT
#define LEFT 1
#endif
#ifndef RECORD
#define RECORD 1
#endif
#ifndef TICKS
#define TICKS 2
#endif
#ifndef WRITES
#define WRITES 1
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif
#define TRUST 1
#define NOTHING 0
#define MARK 1
#define VALUE 2
#define REPORT 1
#define ANSWER 2
#define OLD 0
#define NEW 1
#define NONE 2
#if LEFT
#define IS_TRACKED (owner != NONE)
#define IS_FROM(server) (owner == server)
#else
#define IS_TRACKED 1
#define IS_FROM(server) (owner == server || owner == NONE)
#endif
/* Links: to the voters 0, 1 and 2, to the new server, and to the old one, which is a voter in a cluster. */
#if CLUSTER
#define LINK(server) (server == NEW -> 3 : 0)
#define LINKS 4
#else
#define LINK(server) (server == NEW -> 3 : 4)
#define LINKS 5
#endif

byte now;
byte values;                             /* the newest value */
byte superseded[WRITES + 1];             /* 1 + the time at which a value was superseded; 0: it was not */
byte held[2];                            /* what the old and the new server have */
bool promoted;
bool names[3];                           /* the server that each voter names */
bool cut[LINKS];
chan line[2] = [2] of { byte };          /* from each server to the agent */
bool tracked[2], lost[2];
byte entry, value;                       /* this host's tier */
byte owner = NONE;                       /* the server that is recorded as tracked */
byte beat; bool beaten;

proctype Clock() {
  byte ticks;
  do
  :: ticks < TICKS -> atomic { now++; ticks++ }
  :: break
  od
}

proctype Network() {
  byte times;
  do
  :: times < CUTS -> atomic {
       times++;
       if
       :: cut[0] = !cut[0]
       :: cut[1] = !cut[1]
       :: cut[2] = !cut[2]
       :: cut[3] = !cut[3]
       :: cut[1] = !cut[1]; cut[2] = !cut[2]; cut[3] = !cut[3]           /* the old server and this host alone */
#if !CLUSTER
       :: cut[4] = !cut[4]
#endif
       fi
     }
  :: break
  od
}

proctype Promotion() {
  names[1] = 1;
  atomic { names[2] = 1; promoted = 1; held[NEW] = held[OLD] }
#if !CLUSTER
  names[0] = 1
#endif
}

proctype Writer() {
  do
  :: atomic {
       values < WRITES -> superseded[values] = now + 1; values++; held[promoted] = values;
       if
       :: tracked[promoted] && nfull(line[promoted]) -> line[promoted]!REPORT
       :: tracked[promoted] && full(line[promoted]) -> tracked[promoted] = 0; lost[promoted] = 1
       :: !tracked[promoted]
       fi
     }
  :: break
  od
}

inline drain(i) {
  do
  :: nempty(line[i]) -> line[i]?what
  :: empty(line[i]) -> break
  od
}

proctype Agent() {
  byte asked, what, named, mine, i; bool has[3];
connect:
  atomic {
    drain(OLD); drain(NEW);
    tracked[OLD] = 0; tracked[NEW] = 0; lost[OLD] = 0; lost[NEW] = 0;
    asked = 0; what = 0; i = 0; has[0] = 0; has[1] = 0; has[2] = 0;
  }
  atomic {
    if
    :: !cut[0] -> named = names[0]
    :: !cut[1] -> named = names[1]
    :: !cut[2] -> named = names[2]
    fi
  }
  atomic {
    has[0] = !cut[0]; has[1] = !cut[1]; has[2] = !cut[2];
#if MAJORITY
    if :: has[0] + has[1] + has[2] < 2 -> goto connect :: else fi;
#endif
    if
    :: !cut[LINK(named)] -> tracked[named] = 1; mine = named
    :: cut[LINK(named)] -> mine = NONE
    fi
  }
#if RECORD
  owner = mine;
  entry = NOTHING;
#else
  entry = NOTHING;
  owner = mine;
#endif
beats:
  asked = now;
  i = 0;
#if COMPARE
  do
  :: i < 3 && has[i] -> atomic {
       if
       :: cut[i] -> goto connect
       :: !cut[i] && names[i] != named -> goto connect
       :: !cut[i] && names[i] == named -> i++
       fi
     }
  :: i < 3 && !has[i] -> i++
  :: i == 3 -> break
  od;
#endif
  if
  :: mine == NONE
  :: mine != NONE ->
     atomic {
       if
       :: lost[mine] || full(line[mine]) || cut[LINK(mine)] -> goto connect
       :: !lost[mine] && nfull(line[mine]) && !cut[LINK(mine)] -> line[mine]!ANSWER
       fi
     }
     do
     :: lost[mine] || cut[LINK(mine)] -> goto connect
     :: atomic {
          !cut[LINK(mine)] && nempty(line[mine]) -> line[mine]?what;
          if
          :: what == REPORT -> entry = NOTHING
          :: what == ANSWER -> break
          fi
        }
     od
  fi;
  atomic { beat = asked; beaten = 1; asked = 0; what = 0; i = 0 }
  if
  :: goto beats
  :: mine == NONE -> goto connect        /* the server may be back */
  fi
}

proctype Reader() {
  byte rounds, t, b, v; bool any, served;
  do
  :: rounds < ROUNDS ->
     rounds++;
     d_step { t = now; b = beat; any = beaten; served = any && t <= b + TRUST }
     d_step { served = served && IS_TRACKED }
     if
     :: atomic { entry == VALUE && served ->
          assert(superseded[value] == 0 || t <= superseded[value] - 1 + TRUST)
        }
     :: atomic { entry == NOTHING && IS_TRACKED -> entry = MARK }
        atomic {
          if
          :: v = held[OLD]; b = OLD
          :: promoted -> v = held[NEW]; b = NEW
          fi
        }
#if SERVER
        served = IS_FROM(b);
#else
        served = 1;
#endif
        atomic {
          if
          :: entry == MARK && served -> entry = VALUE; value = v
          :: entry == MARK && !served -> entry = NOTHING
          :: else
          fi
        }
     :: else
     fi;
     d_step { t = 0; b = 0; v = 0; any = 0; served = 0 }
  :: else -> break
  od
}

init {
  atomic { run Clock(); run Network(); run Promotion(); run Writer(); run Reader(); run Agent() }
}
