import { LIVES } from './fence-script.ts';
import type { StateScript } from './state-folder.ts';

/*
 * The lock is the folder `lock`. Who made it puts a file beat-IDENTITY into it, whose time says when the holder was last
 * heard of and whose text says who it is. The identity is random: whatever is done to a file of that name is done to that
 * holder and no other, and a rename of it can succeed for one of many only.
 *
 *   claim      a folder that has the beat in it already is renamed to lock; where there is one, it gets into that and is
 *              removed again
 *   renew      touch -c: without the beat nothing happens
 *   enter      a script that writes renames the beat to busy-IDENTITY-MARK, and back (fence-script.ts)
 *   take over  the beat of the dead one is moved aside; when it is still the one that was judged dead, the new one takes
 *              its place, else it goes back. The folder stays all the while, so that nobody can slip in. A busy one can be
 *              taken when its script is gone: its name is never used again.
 *   drop       the beat is moved aside, then rmdir; by the holder or by an operator
 *
 * Whoever has taken the lock, in any of these ways, calls off every watchdog before anything else. One that acts already writes
 * to the host: then nobody may, and the lock becomes ended-IDENTITY until the watchdog is done and removes it.
 *
 * A lock without any of the three is one of these on its way, or was left behind in the middle of it. What was moved aside still
 * says whose it was: when they are all known to be dead, or the folder has been as it is for too long, it is cleared.
 */

/** `rcl_c` is our beat while it is written; the time of `rcl_f` is now, by the clock that gives the other files theirs. */
const FUNCTIONS = `rcl_c=
rcl_only=
rcl_tidy() {
  if test -z "$rcl_only" && test -n "$rcl_c"; then rm -f "$rcl_c" "$rcl_f"; fi
}
rcl_names() {
  rcl_k=$rcl_s/lock
  rcl_c=$rcl_s/claim-$rcl_nonce
  rcl_f=$rcl_s/now-$rcl_nonce
}
rcl_claim() {
  echo "run=$rcl_run" > "$rcl_c" || rcl_stop unwritable
  echo "by=$rcl_by" >> "$rcl_c" || rcl_stop unwritable
}
rcl_time() {
  set x \`rcl_list $1 "$2"\`
  echo "$7 $8"
}
rcl_settle() {
  rcl_recall
  if rcl_calm; then echo "$rcl_m $rcl_i held"
  else
    # step end
    mv -f "$rcl_k/beat-$rcl_own" "$rcl_k/ended-$rcl_own"
    rcl_look
  fi
}
rcl_show() {
  rcl_show_each "$rcl_k"/beat-* "$rcl_k"/busy-* "$rcl_k"/ended-*
  if test -z "$rcl_w"; then rcl_show_each "$rcl_k"/past-* "$rcl_k"/next-*; fi
}
rcl_show_each() {
  rcl_w=
  for rcl_b in "$@"; do
    if test -f "$rcl_b"; then
      rcl_w=beat
      case $rcl_b in
      */past-*|*/next-*) rcl_w=left;;
      */busy-*-*)
        rcl_mark_of "$rcl_b"
        rcl_w='busy dead'
        if rcl_lives "$rcl_x"; then rcl_w='busy live'; fi;;
      */ended-*) rcl_w=ended;;
      esac
      echo "$rcl_m $rcl_i $rcl_w"
      rcl_list -ln "$rcl_b"
      echo "$rcl_m $rcl_i holder"
      cat "$rcl_b"
    fi
  done
}
rcl_look() {
  if test -h "$rcl_k"; then rcl_stop odd; fi
  if test -f "$rcl_k"; then rcl_stop odd; fi
  if test -d "$rcl_k"; then
    if test -z "$rcl_only" && { echo > "$rcl_f"; } 2>/dev/null; then
      echo "$rcl_m $rcl_i now"
      rcl_list -ln "$rcl_f"
    else
      echo "$rcl_m $rcl_i clock"
      date -u +%Y%m%d%H%M%S
    fi
    echo "$rcl_m $rcl_i lock"
    rcl_list -lnd "$rcl_k"
    rcl_show
  else echo "$rcl_m $rcl_i free"
  fi
  for rcl_o in "$rcl_s"/watch-*-????????????????????????; do
    if rcl_runs "$rcl_o"; then
      if test -f "$rcl_o/flag"; then echo "$rcl_m $rcl_i watchdog waiting"; echo "$rcl_o"; cat "$rcl_o/record"
      elif test -f "$rcl_o/acting"; then echo "$rcl_m $rcl_i watchdog acting"; echo "$rcl_o"; cat "$rcl_o/record"
      fi
    fi
  done
  for rcl_o in "$rcl_s"/watchdog-*.done; do
    if test -f "$rcl_o"; then echo "$rcl_m $rcl_i acted"; echo "$rcl_o"; cat "$rcl_o"; fi
  done
}
`;

/** Calling off watchdogs, and waiting for one that acts. What is left of a dead one is cleared away; what it did stays on record. */
export const RECALL = `rcl_buried() {
  rcl_y=\`expr "x$1" : '.*/watch-\\(.*\\)-[0-9a-f]*$'\`
  if test -f "$1/acting"; then
    if test -f "$1/record"; then
      echo 'it was ended before it was done' >> "$1/record"
      mv -f "$1/record" "$rcl_s/watchdog-$rcl_y.done"
    fi
  fi
  rm -rf "$1"
}
rcl_recall() {
  for rcl_o in "$rcl_s"/watch-*-????????????????????????; do
    if test -d "$rcl_o"; then
      rcl_y=
      if rcl_runs "$rcl_o"; then rcl_y=1; fi
      # step recall
      if mv -f "$rcl_o/flag" "$rcl_o/confirmed" 2>/dev/null; then
        if test -n "$rcl_y"; then echo "$rcl_m - off"; fi
      elif test -f "$rcl_o/flag"; then rcl_stop unwritable
      fi
      if test -z "$rcl_y"; then rcl_buried "$rcl_o"; fi
    fi
  done
}
rcl_calm() {
  for rcl_j in 1 2 3 4 5 6 7 8 9 10; do
    # step calm
    if rcl_acting; then sleep 1; else return 0; fi
  done
  return 1
}
`;

const PLACES = { functions: LIVES + RECALL + FUNCTIONS, make: true } as const;

/** Who a claim is for, in plain words of ASCII. */
export interface ClaimWords {
  /** The identity that the holder will have. */
  readonly own: string;
  readonly run: string;
  readonly by: string;
}

/** Takes the lock when there is none, else looks at it. Asked again because the answer was lost, it finds its own. */
export function claimScript(words: ClaimWords): StateScript {
  const body = `rcl_names
rcl_claim
rcl_new=$rcl_s/new-$rcl_nonce
if test -d "$rcl_k"; then :
elif test -h "$rcl_k"; then :
else
  mkdir "$rcl_new" || rcl_stop unwritable
  mv -f "$rcl_c" "$rcl_new/beat-$rcl_own" || rcl_stop unwritable
  # step claim
  mv "$rcl_new" "$rcl_k" 2>/dev/null
  if test -f "$rcl_k/beat-$rcl_own"; then :; else
    rm -rf "$rcl_new" "$rcl_k/new-$rcl_nonce"
    rmdir "$rcl_k" 2>/dev/null
  fi
fi
if test -f "$rcl_k/beat-$rcl_own"; then rcl_settle; else rcl_look; fi`;
  return { ...PLACES, variables: { ...words }, body, doing: 'taking the lock' };
}

/** Takes the lock over from `dead`, the name of its file, when that is still of that time. */
export function takeOverScript(words: ClaimWords, dead: string, time: string): StateScript {
  const body = `rcl_names
rcl_claim
rcl_past=$rcl_k/past-$rcl_own
rcl_y=
case $rcl_dead in busy-*)
  rcl_mark_of "$rcl_dead"
  if rcl_lives "$rcl_x"; then rcl_y=1; fi;;
esac
if test -n "$rcl_y"; then rcl_look
elif mv -f "$rcl_c" "$rcl_k/next-$rcl_own"; then
  # step take
  if mv -f "$rcl_k/$rcl_dead" "$rcl_past" 2>/dev/null; then
    rcl_x=\`rcl_time -ln "$rcl_past"\`
    if test "x$rcl_x" = "x$rcl_when"; then
      # step succeed
      if mv -f "$rcl_k/next-$rcl_own" "$rcl_k/beat-$rcl_own"; then
        rm -f "$rcl_past"
        rcl_settle
      else echo "$rcl_m - unclear"
      fi
    else
      # step putback
      mv -f "$rcl_past" "$rcl_k/$rcl_dead"
      rm -f "$rcl_k/next-$rcl_own"
      rcl_look
    fi
  else
    rm -f "$rcl_k/next-$rcl_own"
    rcl_look
  fi
else echo "$rcl_m - unclear"
fi`;
  return { ...PLACES, variables: { ...words, dead, when: time }, body, doing: 'taking a dead lock over' };
}

/** Clears a lock that has no holder, when the folder is still of that time. */
export function clearScript(time: string): StateScript {
  const body = `rcl_names
rcl_x=\`rcl_time -lnd "$rcl_k"\`
if test "x$rcl_x" = "x$rcl_when"; then
  rm -rf "$rcl_k"/next-* "$rcl_k"/past-* "$rcl_k"/new-*
  # step clear
  rmdir "$rcl_k"
fi
echo "$rcl_m - unclear"`;
  return { ...PLACES, variables: { when: time }, body, doing: 'clearing a lock that was left behind' };
}

/** Looks at the lock and at the watchdogs, and writes nothing: the clock is that of the host. */
export function lookScript(): StateScript {
  const body = `rcl_names
rcl_only=1
# step look
rcl_look`;
  return { ...PLACES, make: false, variables: {}, body, doing: 'looking at the lock' };
}

/** The same look among other questions of one script, which has the functions of the state folder. */
export const LOOK_FRAGMENT = `(
${LIVES}${FUNCTIONS}rcl_make=; rcl_none=; rcl_nonce=; rcl_only=1
rcl_place
if test -n "$rcl_none"; then echo "$rcl_m $rcl_i none"; exit 0; fi
rcl_names
rcl_look
)
echo "$rcl_m $rcl_i looked"`;

/** Says that the holder of that identity is alive, else looks who has the lock. Between two scripts it may miss the beat. */
export function renewScript(own: string): StateScript {
  const body = `rcl_names
rcl_y=
for rcl_j in 1 2 3; do
  # step renew
  touch -c "$rcl_k/beat-$rcl_own" 2>/dev/null && rcl_w=1 || rcl_w=
  if test -f "$rcl_k/beat-$rcl_own"; then
    rcl_y=unwritable
    if test -n "$rcl_w"; then rcl_y=held; break; fi
  fi
  for rcl_b in "$rcl_k/busy-$rcl_own-"*; do
    if test -f "$rcl_b"; then rcl_y=held; fi
  done
  if test -n "$rcl_y"; then break; fi
  sleep 1
done
case $rcl_y in
held) echo "$rcl_m - held";;
unwritable) rcl_stop unwritable;;
*) rcl_look;;
esac`;
  return { ...PLACES, make: false, variables: { own }, body, doing: 'renewing the lock' };
}

/**
 * Takes the lock away from that holder and no other, and calls its watchdogs off. A script of the holder that is at work is waited
 * for, so many seconds; then the processes are listed.
 */
export function dropScript(own: string, seconds: number): StateScript {
  const body = `rcl_names
rcl_past=$rcl_k/past-$rcl_nonce
rcl_y=
while test "$rcl_seconds" -ge 0; do
  rcl_y=
  # step drop
  if mv -f "$rcl_k/beat-$rcl_own" "$rcl_past" 2>/dev/null; then rcl_y=taken; break; fi
  if test -f "$rcl_k/beat-$rcl_own"; then rcl_y=unwritable; fi
  if test -f "$rcl_k/ended-$rcl_own"; then
    rcl_y=acting
    if rcl_acting; then :
    elif mv -f "$rcl_k/ended-$rcl_own" "$rcl_past" 2>/dev/null; then rcl_y=taken; break
    fi
  fi
  for rcl_b in "$rcl_k/busy-$rcl_own-"*; do
    if test -f "$rcl_b"; then
      rcl_y=busy
      rcl_mark_of "$rcl_b"
      rcl_w=$rcl_x
      if rcl_lives "$rcl_x"; then :
      elif mv -f "$rcl_b" "$rcl_past" 2>/dev/null; then rcl_y=taken; break
      fi
    fi
  done
  case $rcl_y in ''|taken) break;; esac
  rcl_seconds=\`expr "$rcl_seconds" - 1\`
  if test "$rcl_seconds" -ge 0; then sleep 1; fi
done
case $rcl_y in
taken)
  rcl_recall
  if rcl_calm; then
    # step free
    rm -rf "$rcl_k"/past-* "$rcl_k"/next-* "$rcl_k"/new-*
    rmdir "$rcl_k"
    echo "$rcl_m - dropped"
  else
    # step end
    mv -f "$rcl_past" "$rcl_k/ended-$rcl_own"
    echo "$rcl_m - acting"
  fi;;
busy)
  echo "$rcl_m - busy $rcl_w"
  { ps -e -o pid -o ppid -o args || ps -o pid,ppid,args; } 2>/dev/null;;
unwritable) rcl_stop unwritable;;
acting) echo "$rcl_m - acting";;
*) echo "$rcl_m - other";;
esac`;
  const variables = { own, seconds: String(seconds) };
  return { ...PLACES, make: false, variables, body, doing: 'giving the lock back' };
}

/** Puts what watchdogs did on record aside, once it was reported. */
export function acknowledgeScript(): StateScript {
  const body = `rcl_names
for rcl_o in "$rcl_s"/watchdog-*.done; do
  if test -f "$rcl_o"; then
    rcl_y=\`expr "x$rcl_o" : 'x\\(.*\\)\\.done$'\`
    mv -f "$rcl_o" "$rcl_y.before" || rcl_stop unwritable
  fi
done
echo "$rcl_m - free"`;
  return { ...PLACES, make: false, variables: {}, body, doing: 'putting the records of watchdogs aside' };
}
