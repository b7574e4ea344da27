/* The tier in shared memory before a server: src/valkey. One key, whose values are numbered by their writes.
   Two hosts write, on A and on B. By symmetry only A's tier is modelled, with two readers and two agents: the second
   agent begins at any time, as after the first one's death or theft of its lock, and each may stand still between any
   two steps. A death is a loss of the connection, and no step after it. The server reports writes, and answers, in one order
   on each agent's connection. Time ticks at any moment.
   Checked at each hit: the value was not superseded more than TRUST before the reader began, and is no older than
   what host A itself has acknowledged by then.

   LOSSES    how often a connection is lost
   OWNS      1: host A writes too
   AGENTS    2: with the second agent
   Mutants:  FILL 1 (a write stores its value in the tier: server first, then the tier), SECOND 0 (a write does not
             remove the key again after the reply), EPOCH 0 (the tier is emptied before tracking is confirmed),
             PING 0 (a beat is written without an answer on the tracking connection), ASKED 0 (a beat has the time at
             which it is written), LEASE 0 (a fetched value is stored though its mark is gone),
             LOOK 0 (a reader looks at the beat after the entry) */
#ifndef LOSSES
#define LOSSES 1
#endif
#ifndef FILL
#define FILL 0
#endif
#ifndef SECOND
#define SECOND 1
#endif
#ifndef EPOCH
#define EPOCH 1
#endif
#ifndef PING
#define PING 1
#endif
#ifndef ASKED
#define ASKED 1
#endif
#ifndef LEASE
#define LEASE 1
#endif
#ifndef LOOK
#define LOOK 1
#endif
#ifndef TICKS
#define TICKS 2
#endif
#ifndef AGENTS
#define AGENTS 2
#endif
#ifndef OWNS
#define OWNS 1
#endif
#ifndef READERS
#define READERS 1
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

byte now;
byte server;                             /* the value at the server */
byte superseded[3];                      /* 1 + the time at which a value was superseded at the server; 0: it was not */
byte entry, value, mark;                 /* host A's tier: what is in the key's place, its value, the fetch of its mark */
byte beat, holder; bool beaten;          /* the beat's word: its time and its agent's token */
byte acked;                              /* the newest value whose write on host A has returned */
chan line[2] = [2] of { byte };          /* from the server to the agents */
bool tracked[2], lost[2];

inline report(i) {
  if
  :: tracked[i] && nfull(line[i]) -> line[i]!REPORT
  :: tracked[i] && full(line[i]) -> tracked[i] = 0; lost[i] = 1      /* the server closes a connection that does not read */
  :: !tracked[i]
  fi
}
inline write(v) {
  atomic { superseded[server] = now + 1; server++; v = server; report(0); report(1) }
}

proctype Clock() {
  byte ticks;
  do
  :: ticks < TICKS -> atomic { now++; ticks++ }
  :: break
  od
}

proctype Losses() {
  byte times;
  do
  :: times < LOSSES -> atomic {
       times++;
       if
       :: tracked[0] -> tracked[0] = 0; lost[0] = 1
       :: tracked[1] -> tracked[1] = 0; lost[1] = 1
       :: 1
       fi
     }
  :: break
  od
}

inline drain() {
  do
  :: nempty(line[i]) -> line[i]?what
  :: empty(line[i]) -> break
  od
}
inline remove() { entry = NOTHING; mark = 0 }

proctype Agent(byte i) {
  byte asked, what;
connect:
  atomic { drain(); lost[i] = 0; tracked[i] = 0 }
#if EPOCH
  tracked[i] = 1;
  atomic { remove() }
#else
  atomic { remove() }
  tracked[i] = 1;
#endif
beats:
  asked = now;
#if PING
  atomic {
    if
    :: lost[i] -> goto connect
    :: !lost[i] && nfull(line[i]) -> line[i]!ANSWER
    :: !lost[i] && full(line[i]) -> goto connect
    fi
  }
  do
  :: lost[i] -> goto connect
  :: atomic {
       nempty(line[i]) -> line[i]?what;
       if
       :: what == REPORT -> remove()
       :: what == ANSWER -> goto answered
       fi
     }
  od;
answered:
#else
  if
  :: atomic { nempty(line[i]) -> line[i]?what; remove() }
  :: 1
  fi;
#endif
  atomic {
    if
    :: holder > i + 1 -> goto robbed
    :: holder <= i + 1
    fi;
#if ASKED
    beat = asked;
#else
    beat = now;
#endif
    holder = i + 1; beaten = 1; asked = 0; what = 0
  }
  goto beats;
robbed:
  skip
}

proctype WriterA() {
  byte v;
  atomic { remove() }
  write(v);
#if FILL
  atomic { entry = VALUE; value = v; mark = 0 }
#endif
  atomic {
#if SECOND && !FILL
    remove();
#endif
    if :: v > acked -> acked = v :: else fi;
    v = 0
  }
}

proctype WriterB() {
  byte v;
  write(v);
  v = 0
}

proctype Reader(byte me; byte limit) {
  byte rounds, own, b, t, e, v; bool any;
  do
  :: rounds < limit ->
     rounds++;
#if LOOK
     d_step { own = acked; t = now; b = beat; any = beaten }
     d_step { e = entry; v = value }
#else
     d_step { own = acked; t = now; e = entry; v = value }
     d_step { b = beat; any = beaten }
#endif
     if
     :: e == VALUE && any && t <= b + TRUST ->
        d_step {
          assert(superseded[v] == 0 || t <= superseded[v] - 1 + TRUST);   /* within the bound */
          assert(v >= own)                                               /* a host reads its own writes */
        }
     :: e == VALUE && !(any && t <= b + TRUST)                            /* fetched past the entry: not stored */
     :: e == MARK                                                        /* waits for the other fetch */
     :: e == NOTHING ->
        if
        :: atomic { entry == NOTHING -> entry = MARK; mark = me }
           v = server;
           atomic {
#if LEASE
             if
             :: entry == MARK && mark == me -> entry = VALUE; value = v; mark = 0
             :: else
             fi
#else
             entry = VALUE; value = v; mark = 0
#endif
           }
           assert(v >= own)
        :: entry != NOTHING
        fi
     fi;
     d_step { own = 0; b = 0; t = 0; e = 0; v = 0; any = 0 }
  :: else -> break
  od
}

init {
  atomic {
    run Clock(); run Losses(); run WriterB();
#if OWNS
    run WriterA();
#endif
    run Reader(1, ROUNDS);
#if READERS > 1
    run Reader(2, 1);
#endif
    run Agent(0);
#if AGENTS > 1
    run Agent(1)
#endif
  }
}
