import type { Watch } from '../../ports/host.ts';
import { type Fence, LIVES } from './fence-script.ts';
import { RECALL } from './lock-script.ts';
import { cksum, quote, splitPath } from './shell-words.ts';
import type { StateScript } from './state-folder.ts';
import { watchFunctions } from './watchdog-process.ts';

/** Steps of a second that a confirmation waits for a watchdog that is acting: commands may take their time. */
const PATIENCE_WITH_ACTING = 300;

/** Where the watchdog has its things, and whether another one of that name lives: who lives takes `ask` away. */
const PLACES = `rcl_tidy() {
  :
}
rcl_names() {
  rcl_here=$rcl_s/watch-$rcl_name-$rcl_own
}
rcl_nap() {
  sleep 0.2 2>/dev/null || sleep 1
}
rcl_answers() {
  echo > "$1/ask"
  for rcl_j in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
    if test -f "$1/ask"; then rcl_nap; else return 0; fi
  done
  return 1
}
`;

/**
 * A watchdog of that name that lives is left alone and wins; what is left of dead ones is cleared away. A backup that others can
 * replace, also by a link to what only this login may read, is kept only when it is what the run replaced.
 */
const OTHERS = `rcl_others() {
  for rcl_o in "$rcl_s/watch-$rcl_name-"????????????????????????; do
    if test "x$rcl_o" = "x$rcl_here"; then :
    elif test -d "$rcl_o"; then
      rcl_live=
      if rcl_runs "$rcl_o"; then
        if test -f "$rcl_o/acting"; then rcl_live=1
        elif test -f "$rcl_o/flag"; then
          if rcl_answers "$rcl_o"; then
            if test -f "$rcl_o/flag"; then rcl_live=1; fi
            if test -f "$rcl_o/acting"; then rcl_live=1; fi
          fi
        fi
      fi
      if test -n "$rcl_live"; then rm -rf "$rcl_here"; rcl_stop "running $rcl_o"; fi
      rcl_buried "$rcl_o"
    fi
  done
}
rcl_fail() {
  rm -rf "$rcl_here"
  rcl_stop "$1"
}
rcl_keep() {
  rcl_i=$1; rcl_f=$2; rcl_b=$3; rcl_before=$4; rcl_after=$5
  cp "$rcl_b" "$rcl_here/backup-$rcl_i" || rcl_fail "backup $rcl_i"
  rcl_sum "$rcl_here/backup-$rcl_i"
  if test "$rcl_x" = "$rcl_before"; then :; else rcl_fail "backup $rcl_i"; fi
  if test -f "$rcl_f"; then
    cp "$rcl_f" "$rcl_here/written-$rcl_i" || rcl_fail unwritable
    rcl_sum "$rcl_here/written-$rcl_i"
    if test "$rcl_x" = "$rcl_after"; then :; else rm -f "$rcl_here/written-$rcl_i"; fi
  fi
}
`;

/**
 * Whether systemd-logind would end the watchdog with the session of the login, which sudo, doas and su stay in: as
 * `manager_shall_kill` of systemd decides, KillExcludeUsers first, then KillOnlyUsers, then KillUserProcesses. Where it does not
 * answer, its default counts, which ends nothing.
 */
const DOOMED = `rcl_doomed() {
  rcl_x=\`cat /proc/self/cgroup 2>/dev/null\`
  case $rcl_x in */session-*.scope*) :;; *) return 1;; esac
  rcl_x=\`expr "x$rcl_x" : '.*/user-\\([0-9][0-9]*\\)[.]slice/session-'\`
  rcl_x=\`getent passwd "$rcl_x" 2>/dev/null\`
  rcl_ku=\`expr "x$rcl_x" : 'x\\([^:]*\\):'\`
  set x \`busctl get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager KillUserProcesses KillOnlyUsers KillExcludeUsers 2>/dev/null\`
  case $2 in b) :;; *) return 1;; esac
  rcl_kill=$3; rcl_only=; rcl_mine_only=; rcl_spared=; rcl_some=
  shift; shift; shift
  rcl_e=0
  for rcl_x do
    case $rcl_e$rcl_x in
    *as) rcl_e=\`expr $rcl_e + 1\`;;
    1\\"*) rcl_only=1; if test "$rcl_x" = '"'$rcl_ku'"'; then rcl_mine_only=1; fi;;
    2\\"*) rcl_some=1; if test "$rcl_x" = '"'$rcl_ku'"'; then rcl_spared=1; fi;;
    esac
  done
  if test -n "$rcl_spared"; then return 1; fi
  if test -z "$rcl_some" && test "x$rcl_ku" = xroot; then return 1; fi
  if test -n "$rcl_only"; then test -n "$rcl_mine_only"; return; fi
  test "$rcl_kill" = true
}
`;

/** Starts the watchdog, and says so once it is heard. */
export function startScript(watch: Watch, own: string, fence: Fence): StateScript {
  const seconds = String(Math.max(1, Math.ceil(watch.patience / 1000)));
  const keep = watch.files.map(
    ({ path, backup, before, written }, index) =>
      `rcl_keep ${index} ${[path, checked(backup), cksum(before), cksum(written)].map(quote).join(' ')}\n`,
  );
  const body = `rcl_names
if rcl_doomed; then rcl_stop "session $rcl_ku"; fi
mkdir "$rcl_here" || rcl_stop unwritable
echo $$ > "$rcl_here/pid"
echo "$rcl_mark" > "$rcl_here/mark" || rcl_fail unwritable
# step watch
echo > "$rcl_here/flag" || rcl_fail unwritable
rcl_others
${keep.join('')}if test -f "$rcl_s/watchdog-$rcl_name.done"; then
  mv -f "$rcl_s/watchdog-$rcl_name.done" "$rcl_s/watchdog-$rcl_name.before"
fi
echo "watch $rcl_own begun at \`date -u +%Y-%m-%dT%H:%M:%SZ\`, patience $rcl_c s" > "$rcl_here/record" || rcl_fail unwritable
( exec </dev/null >/dev/null 2>&1; trap 0 2 13 15; rcl_marked=; rcl_watch; : ) &
echo $! > "$rcl_here/pid"
rcl_answers "$rcl_here" || rcl_fail silent
echo "$rcl_m - started"`;
  return {
    variables: { name: watch.name, own, c: seconds, mark: fence.mark, id: fence.own ?? 'none' },
    functions: LIVES + RECALL + PLACES + OTHERS + DOOMED + watchFunctions(watch, own),
    fence,
    body,
    make: true,
    leaving: true,
    doing: `starting the watchdog ${watch.name}`,
  };
}

function checked(path: string): string {
  splitPath(path);
  return path;
}

/** Ends the watchdog, or tells what it has done. */
export function confirmScript(name: string, own: string): StateScript {
  const body = `rcl_names
rcl_done=$rcl_s/watchdog-$rcl_name.done
# step confirm
if mv -f "$rcl_here/flag" "$rcl_here/confirmed" 2>/dev/null; then
  for rcl_j in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
    if test -d "$rcl_here"; then rcl_nap; fi
  done
  rm -rf "$rcl_here"
  echo "$rcl_m - confirmed"
else
  if test -f "$rcl_here/flag"; then rcl_stop unwritable; fi
  while rcl_runs "$rcl_here"; do
    rcl_c=\`expr "$rcl_c" - 1\`
    if test "$rcl_c" = 0; then break; fi
    sleep 1
  done
  if test -d "$rcl_here"; then
    if rcl_runs "$rcl_here"; then
      echo "$rcl_m - acting"
      cat "$rcl_here/record"
      rcl_done=
    else rcl_buried "$rcl_here"
    fi
  fi
  if test -z "$rcl_done"; then :
  elif test -f "$rcl_done"; then
    echo "$rcl_m - record"
    cat "$rcl_done"
  else echo "$rcl_m - gone"
  fi
fi`;
  return {
    variables: { name, own, c: String(PATIENCE_WITH_ACTING) },
    functions: LIVES + RECALL + PLACES,
    body,
    make: false,
    doing: `confirming to the watchdog ${name}`,
  };
}
