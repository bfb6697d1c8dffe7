/*
 * The lock of one host, its watchdogs and the scripts that write there: two runs, an operator who breaks locks, crashes, kills
 * and lost messages at any step, and a watchdog whose time may be over at any moment.
 *
 * STEP(x) stands before what a script does in one piece, mostly one rename; the scripts have a line `# step x` at the same
 * place, and lock.test.ts compares the names. What is not a step of the protocol has no name.
 *
 * Checked are the assertions, and that nobody waits for ever (no invalid end state):
 *   - two runs never write at the same time, the reverting of a watchdog being a write of its run;
 *   - a run whose lock an operator has taken away writes no more;
 *   - after "in sync" no watchdog reverts that was there when it was said;
 *   - whoever crashes, is killed or loses a message, the other run gets the lock in the end.
 *
 * Variants that must fail, as the program was: UNFENCED looks at the lock and then writes; FORGETFUL takes, breaks and gives
 * back a lock without calling watchdogs off; HASTY takes a lock although a script of its holder is at work; HEEDLESS does not
 * look whether a watchdog acts.
 */
#define STEP(x)
#define RUNS 3
#define OPERATOR 3
#define TRUE 1

/* The folder `lock` and what is in it, by holder. `hand`: what process p has moved aside; 0 where it has nothing. */
bool dir, beat[RUNS], busy[RUNS], ended[RUNS];
byte hand[4], was[4];
/* Whether the script that made the lock busy is alive. */
bool live[RUNS];
bool flag[RUNS], acting[RUNS], dog[RUNS];
bool writing[RUNS];

bool crashed[4], gone[RUNS], doomed[RUNS];
byte reply[RUNS];
byte crashes = CRASHES, losses = LOSSES, kills = KILLS, misjudged = MISJUDGED;

#define TOKENS (beat[1] || beat[2] || busy[1] || busy[2] || ended[1] || ended[2])
#define ACTING ((acting[1] && dog[1]) || (acting[2] && dog[2]))
#define LOST 1
#define DONE 2
#define BUSY 3

inline recallOne(id) {
  atomic {
    STEP(recall)
#ifndef FORGETFUL
    flag[id] = false;
#endif
    if
    :: !dog[id] -> acting[id] = false
    :: else
    fi
  }
}

/* mv past-* and rmdir, which fails as long as something is in the folder */
inline freeLock(p) {
  atomic {
    STEP(free)
    hand[p] = 0;
    if
    :: TOKENS -> skip
    :: else -> dir = false
    fi
  }
}

/* A script that writes, or starts the watchdog. It may be late, and outlast its run. */
proctype Script(byte me; bool starts) {
  byte tries;
#ifdef UNFENCED
  if
  :: atomic { beat[me] -> skip }
  :: atomic { !beat[me] -> reply[me] = LOST; goto over }
  fi;
#else
  do
  :: atomic { beat[me] -> STEP(enter) beat[me] = false; busy[me] = true; live[me] = true; break }
  :: atomic { busy[me] && !live[me] -> STEP(revive) busy[me] = false; beat[me] = true }
  :: atomic { !beat[me] && !busy[me] -> reply[me] = LOST; goto over }
  :: atomic { busy[me] && live[me] -> reply[me] = BUSY; goto over }
  od;
#ifndef HEEDLESS
  atomic {
    STEP(yield)
    if
    :: ACTING -> busy[me] = false; beat[me] = true; live[me] = false; reply[me] = LOST; goto over
    :: else
    fi
  };
#endif
#endif
  if
  :: starts ->
    atomic {
      STEP(watch)
      flag[me] = true;
      if
      :: !dog[me] -> dog[me] = true; run Watchdog(me)
      :: else
      fi
    }
  :: !starts ->
    atomic { assert(!writing[3 - me]); assert(!gone[me]); writing[me] = true };
    atomic { assert(!gone[me]); writing[me] = false }
  fi;
  if
  :: atomic { kills > 0 -> kills--; live[me] = false; reply[me] = BUSY; goto over }
  :: TRUE
  fi;
#ifndef UNFENCED
  atomic { STEP(leave) busy[me] = false; live[me] = false; beat[me] = true };
#endif
  reply[me] = DONE;
over:
  skip
}

proctype Watchdog(byte id) {
  if
  :: atomic { !flag[id] -> goto away }
  :: atomic { flag[id] -> STEP(bark) flag[id] = false; acting[id] = true }
  :: atomic { kills > 0 -> kills--; goto away }
  fi;
#ifdef HEEDLESS
  skip;
#else
  atomic { !(live[1] || live[2]) -> STEP(quiet) skip };
#endif
  atomic { assert(!writing[3 - id]); assert(!doomed[id]); writing[id] = true };
  if
  :: atomic { kills > 0 -> kills--; writing[id] = false; goto away }
  :: writing[id] = false
  fi;
  atomic {
    STEP(unlock)
    acting[id] = false;
    dog[id] = false;
    if
    :: dog[3 - id] -> skip
    :: else ->
      beat[id] = false; ended[1] = false; ended[2] = false;
      if
      :: !TOKENS && hand[1] == 0 && hand[2] == 0 && hand[3] == 0 -> dir = false
      :: else
      fi
    fi
  }
  goto over;
away:
  atomic { dog[id] = false }
over:
  skip
}

#define CRASH if :: atomic { crashes > 0 -> crashes--; goto crash } :: TRUE fi

/* What the program does with a lock that it has not: `holder` of a beat, of a busy one whose script is gone, or an ended one. */
inline takeFrom(taker, h) {
  atomic {
    STEP(take)
    if
    :: beat[h] -> beat[h] = false; hand[taker] = h; was[taker] = 1
#ifdef HASTY
    :: busy[h] -> busy[h] = false; live[h] = false; hand[taker] = h; was[taker] = 1
#else
    :: busy[h] && !live[h] -> busy[h] = false; hand[taker] = h; was[taker] = 2
#endif
    :: ended[h] -> ended[h] = false; hand[taker] = h; was[taker] = 3
    :: else
    fi
  }
}

#ifdef HEEDLESS
#define CALM TRUE
#else
#define CALM !ACTING
#endif
#define DEAD(h) (crashed[h] || ended[h] || misjudged > 0)
#ifdef HASTY
#define TAKEABLE(h) ((beat[h] || busy[h] || ended[h]) && DEAD(h) && CALM)
#else
#define TAKEABLE(h) ((beat[h] || (busy[h] && !live[h]) || ended[h]) && DEAD(h) && CALM)
#endif
/* What was moved aside by somebody who died, or is slower than anybody believes. */
#define STRANDED (dir && !TOKENS && (hand[1] == 0 || crashed[1] || misjudged > 0) && (hand[2] == 0 || crashed[2] || misjudged > 0) && (hand[3] == 0 || crashed[3] || misjudged > 0))

proctype Run(byte me; bool idle) {
  byte sent;
  bool confirmed;
again:
  /* Each time with an identity of its own: no script was sent yet. */
  CRASH;
  atomic {
    STEP(look)
    if
    :: beat[me] -> goto settle
    :: else
    fi;
    if
    :: !dir -> STEP(claim) dir = true; beat[me] = true; gone[me] = false; goto settle
    :: TAKEABLE(3 - me) -> skip
    :: TAKEABLE(me) -> skip
    :: STRANDED ->
      if
      :: (hand[1] && !crashed[1]) || (hand[2] && !crashed[2]) || (hand[3] && !crashed[3]) -> misjudged--
      :: else
      fi;
      STEP(clear) hand[1] = 0; hand[2] = 0; hand[3] = 0; dir = false; goto again
    fi
  };
  if
  :: atomic { TAKEABLE(3 - me) && !crashed[3 - me] && !ended[3 - me] -> misjudged--; takeFrom(me, 3 - me) }
  :: atomic { TAKEABLE(3 - me) && (crashed[3 - me] || ended[3 - me]) -> takeFrom(me, 3 - me) }
  :: atomic { TAKEABLE(me) && ended[me] -> takeFrom(me, me) }
  :: atomic { else -> goto again }
  fi;
  CRASH;
  if
  :: atomic { hand[me] != 0 -> STEP(succeed) hand[me] = 0; beat[me] = true; gone[me] = false }
  :: atomic { hand[me] != 0 && !beat[me] -> STEP(putback)
      if
      :: was[me] == 1 -> beat[hand[me]] = true
      :: was[me] == 2 -> busy[hand[me]] = true
      :: was[me] == 3 -> ended[hand[me]] = true
      fi;
      hand[me] = 0; goto again }
  :: atomic { hand[me] == 0 -> goto again }
  fi;
settle:
  CRASH;
  recallOne(1);
  recallOne(2);
  CRASH;
#ifndef HEEDLESS
  if
  :: atomic { !ACTING -> STEP(calm) skip }
  :: atomic { ACTING && beat[me] -> STEP(end) beat[me] = false; ended[me] = true; goto again }
  :: atomic { ACTING && !beat[me] -> goto again }
  fi;
#endif
  if
  :: idle -> confirmed = true; goto read
  :: else
  fi;
  sent = 0;
  do
  :: sent < 2 ->
    CRASH;
    reply[me] = 0;
    if
    :: run Script(me, sent == 0)
    :: atomic { losses > 0 -> losses--; reply[me] = BUSY }
    fi;
    if
    :: reply[me] != 0
    :: atomic { losses > 0 -> losses-- }
    fi;
    if
    :: reply[me] == LOST -> goto stop
    :: reply[me] == BUSY && sent == 0 -> goto release
    :: else -> sent++
    fi
  :: sent == 2 -> break
  od;
  CRASH;
  /* over a new connection, as often as messages may be lost, and then no more */
  if
  :: atomic { flag[me] -> STEP(confirm) flag[me] = false; confirmed = true }
  :: atomic { !flag[me] -> confirmed = false }
  :: atomic { losses > 0 -> losses--; confirmed = false }
  fi;
read:
  CRASH;
  /* The locks were proved when the last write was made; what is read now is called in sync unless the watchdog is left. */
  atomic {
    STEP(renew)
    if
    :: confirmed && beat[me] ->
      doomed[1] = flag[1] || (acting[1] && dog[1]);
      doomed[2] = flag[2] || (acting[2] && dog[2])
    :: else
    fi
  };
release:
  CRASH;
  if
  :: atomic { beat[me] -> STEP(drop) beat[me] = false; hand[me] = me }
  :: atomic { busy[me] && !live[me] -> busy[me] = false; hand[me] = me }
  :: atomic { (!beat[me] && !busy[me]) || (busy[me] && live[me]) -> goto stop }
  :: atomic { losses > 0 -> losses--; goto stop }
  fi;
  CRASH;
  recallOne(1);
  recallOne(2);
  CRASH;
  if
  :: atomic { (!ACTING || hand[me] == 0) -> STEP(calm) skip }
  :: atomic { ACTING && hand[me] == me -> STEP(end) hand[me] = 0; ended[me] = true; goto stop }
  fi;
  freeLock(me);
stop:
  skip;
crash:
  crashed[me] = true
}

/* `lock break`, of whoever has the lock, at any moment; and the process of the operator may die too. */
proctype Operator() {
  byte h;
  if
  :: atomic { beat[1] -> h = 1 }
  :: atomic { beat[2] -> h = 2 }
  :: TRUE -> goto crash
  fi;
  CRASH;
  if
  :: atomic { beat[h] -> STEP(drop) beat[h] = false; hand[OPERATOR] = h; gone[h] = true }
  :: atomic { busy[h] && !live[h] -> busy[h] = false; hand[OPERATOR] = h; gone[h] = true }
  :: atomic { !beat[h] -> goto crash }
  fi;
  CRASH;
  recallOne(1);
  recallOne(2);
  CRASH;
  if
  :: atomic { (!ACTING || hand[OPERATOR] == 0) -> STEP(calm) skip }
  :: atomic { ACTING && hand[OPERATOR] != 0 -> STEP(end) hand[OPERATOR] = 0; ended[h] = true; goto crash }
  fi;
  freeLock(OPERATOR);
crash:
  crashed[OPERATOR] = true
}

init {
  atomic {
    run Run(1, false);
    if
    :: run Run(2, false)
    :: run Run(2, true)
    fi;
#if BREAKS
    run Operator()
#else
    crashed[OPERATOR] = true
#endif
  }
}
