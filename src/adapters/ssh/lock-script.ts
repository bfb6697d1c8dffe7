import type { StateScript } from './state-folder.ts';

/*
 * The lock is the folder `lock`. Who made it puts a file beat-IDENTITY into it, whose time says when the holder was last
 * heard of and whose text says who it is. The identity is random: whatever is done to a file of that name is done to that
 * holder and no other, and a rename of it can succeed for one of many only.
 *
 *   take       mkdir lock, then the beat is moved into it
 *   renew      touch -c: without the beat nothing happens
 *   give back  the beat is moved away, then rmdir
 *   take over  the beat of the dead one is moved aside; when it is still the one that was judged dead, the new one takes
 *              its place, else it goes back. The folder stays all the while, so that nobody can slip in.
 *
 * A lock without a beat is one of these on its way, or was left behind in the middle of it: then the time of the folder counts.
 */

/** `rcl_c` is our beat while it is written; the time of `rcl_f` is now, by the clock that gives the other files theirs. */
const FUNCTIONS = `rcl_c=
rcl_tidy() {
  if test -n "$rcl_c"; then rm -f "$rcl_c" "$rcl_f"; fi
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
rcl_held() {
  set x "$rcl_k"/beat-*
  if test $# -eq 2; then
    if test -f "$rcl_k/beat-$rcl_own"; then echo "$rcl_m - held"; return; fi
  fi
  rm -f "$rcl_k/beat-$rcl_own"
  rmdir "$rcl_k"
  echo "$rcl_m - unclear"
}
rcl_look() {
  if test -h "$rcl_k"; then rcl_stop odd; fi
  if test -f "$rcl_k"; then rcl_stop odd; fi
  if test -d "$rcl_k"; then :; else echo "$rcl_m - free"; return; fi
  echo > "$rcl_f" || rcl_stop unwritable
  echo "$rcl_m - now"
  rcl_list -ln "$rcl_f"
  echo "$rcl_m - lock"
  rcl_list -lnd "$rcl_k"
  for rcl_b in "$rcl_k"/beat-*; do
    if test -f "$rcl_b"; then
      echo "$rcl_m - beat"
      rcl_list -ln "$rcl_b"
      echo "$rcl_m - holder"
      cat "$rcl_b"
    fi
  done
}
`;

const PLACES = { functions: FUNCTIONS, make: true } as const;

/** Who a claim is for, in plain words of ASCII. */
export interface ClaimWords {
  /** The identity that the holder will have. */
  readonly own: string;
  readonly run: string;
  readonly by: string;
}

/** Takes the lock when there is none, else looks at it. */
export function claimScript(words: ClaimWords): StateScript {
  const body = `rcl_names
rcl_claim
if mkdir "$rcl_k" 2>/dev/null; then
  if mv -f "$rcl_c" "$rcl_k/beat-$rcl_own"; then rcl_held; else echo "$rcl_m - unclear"; fi
else rcl_look
fi`;
  return { ...PLACES, variables: { ...words }, body, doing: 'taking the lock' };
}

/** Takes the lock over from `dead`, when its beat is still of that time. */
export function takeOverScript(words: ClaimWords, dead: string, time: string): StateScript {
  const body = `rcl_names
rcl_claim
if mv -f "$rcl_c" "$rcl_k/next-$rcl_own"; then
  if mv -f "$rcl_k/beat-$rcl_dead" "$rcl_k/past-$rcl_own" 2>/dev/null; then
    rcl_x=\`rcl_time -ln "$rcl_k/past-$rcl_own"\`
    if test "x$rcl_x" = "x$rcl_when"; then
      if mv -f "$rcl_k/next-$rcl_own" "$rcl_k/beat-$rcl_own"; then
        rm -f "$rcl_k/past-$rcl_own"
        rcl_held
      else echo "$rcl_m - unclear"
      fi
    else
      mv -f "$rcl_k/past-$rcl_own" "$rcl_k/beat-$rcl_dead"
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

/** Clears a lock that has no beat, when the folder is still of that time. */
export function clearScript(time: string): StateScript {
  const body = `rcl_names
rcl_x=\`rcl_time -lnd "$rcl_k"\`
if test "x$rcl_x" = "x$rcl_when"; then
  rm -f "$rcl_k"/next-* "$rcl_k"/past-*
  rmdir "$rcl_k"
fi
echo "$rcl_m - unclear"`;
  return { ...PLACES, variables: { when: time }, body, doing: 'clearing a lock that was left behind' };
}

/** Looks at the lock; where the folder is missing it is not made. */
export function lookScript(): StateScript {
  const body = 'rcl_names\nrcl_look';
  return { ...PLACES, make: false, variables: {}, body, doing: 'looking at the lock' };
}

/** Says that the holder of that identity is alive, else looks who has the lock. */
export function renewScript(own: string): StateScript {
  const body = `rcl_names
if touch -c "$rcl_k/beat-$rcl_own"; then :
elif test -f "$rcl_k/beat-$rcl_own"; then rcl_stop unwritable
fi
if test -f "$rcl_k/beat-$rcl_own"; then echo "$rcl_m - held"; else rcl_look; fi`;
  return { ...PLACES, make: false, variables: { own }, body, doing: 'renewing the lock' };
}

/** Takes the lock away from that holder and no other. */
export function dropScript(own: string): StateScript {
  const body = `rcl_names
if mv -f "$rcl_k/beat-$rcl_own" "$rcl_k/past-$rcl_nonce" 2>/dev/null; then
  rm -f "$rcl_k"/past-* "$rcl_k"/next-*
  rmdir "$rcl_k"
  echo "$rcl_m - dropped"
elif test -f "$rcl_k/beat-$rcl_own"; then rcl_stop unwritable
else echo "$rcl_m - other"
fi`;
  return { ...PLACES, make: false, variables: { own }, body, doing: 'giving the lock back' };
}
