import { type Fence, fenceFunctions } from './fence-script.ts';
import { ATTRIBUTES, LEAVE, LOCKING, OWN_FOLDER } from './own-folder.ts';
import { joinPath, quote, splitPath } from './shell-words.ts';
import { LIST, wholeScript } from './whole-script.ts';

/** The names around a file that is replaced. All but `file`, `folder` and `ownPath` are without their folder. */
export interface ReplaceNames {
  readonly file: string;
  readonly folder: string;
  readonly base: string;
  /** Our own folder beside the file, where everything is made, named after the nonce. */
  readonly own: string;
  readonly ownPath: string;
  /** What the names of all such folders begin with. */
  readonly ownStart: string;
  readonly lock: string;
  /** Without the suffix that keeps it from being an existing one. */
  readonly backup: string;
}

/** The names for one replacement. `stamp`: UTC, as it is to stand in the name of the backup. */
export function replaceNames(path: string, nonce: string, stamp: string): ReplaceNames {
  const { folder, base } = splitPath(path);
  const ownStart = `.${base}.reconcile-new.`;
  const own = ownStart + nonce;
  return {
    file: joinPath(folder, base),
    folder,
    base,
    own,
    ownPath: joinPath(folder, own),
    ownStart,
    lock: `.${base}.reconcile-lock`,
    backup: `${base}.reconcile-${stamp}`,
  };
}

/** How a script that gives up says why: the exit code, and the word of its last frame. */
export const STOPS = {
  gone: 40,
  link: 41,
  upload: 42,
  folder: 43,
  links: 44,
  locked: 20,
  lock: 21,
  transfer: 22,
  changed: 23,
  backup: 24,
  rename: 28,
  signal: 29,
  readback: 30,
  attributes: 33,
} as const;

/** The word of such a frame. */
export type Stop = keyof typeof STOPS;

/** What the script needs to know. Sums are as `cksum` prints them. */
export interface ReplaceRequest {
  readonly names: ReplaceNames;
  readonly before: string | 'absent';
  readonly after: string;
  /** The file is removed; nothing takes its place. */
  readonly removes?: boolean;
  /** The path of a file that a new one gets owner and mode of. */
  readonly like?: string;
  /** What stands in the lock: who holds it. */
  readonly holder: string;
  /** The holder of a lock that was left behind and is to be taken over. */
  readonly deadHolder?: string;
}

const FUNCTIONS = `rcl_stop() {
  rcl_cleanup
  trap 0
  echo "$rcl_m - stop $1"
  exit $2
}
rcl_cleanup() {
  if test -n "$rcl_in"; then
    rcl_in=
    rcl_unlock
    rcl_leave "$rcl_w"
  fi
  rcl_mark_idle
}
`;

/**
 * Taking over is by moving the lock of the dead one away, which only one can; its holder is compared then. Whatever else is
 * there under that name keeps everybody out.
 */
const TAKE_OVER = `rcl_locked() {
  if test -f "../$rcl_k"; then rcl_stop locked 20; fi
  if test -h "../$rcl_k"; then rcl_stop locked 20; fi
  if test -d "../$rcl_k"; then rcl_stop locked 20; fi
  rcl_stop lock 21
}
rcl_take_over() {
  rm -f "./$rcl_k"
  mv -f "../$rcl_k" . || return 1
  if test -h "./$rcl_k"; then rcl_x=
  elif test -f "./$rcl_k"; then rcl_x=\`cat "./$rcl_k"\`
  else rcl_x=
  fi
  if test "x$rcl_x" = "x$rcl_dead"; then
    rm -f "./$rcl_k"
    rcl_lock
    return
  fi
  ln -n "./$rcl_k" ..
  rcl_stop locked 20
}
`;

/** A backup under a name that is free, once it is known to be the file that was read. All that is kept is taken from it. */
const BACK_UP = `if test -h "../$rcl_f"; then rcl_stop link 41; fi
if test -f "../$rcl_f"; then :; else rcl_stop gone 40; fi
rcl_single "../$rcl_f" || rcl_stop links 44
rcl_b=
for rcl_s in '' -2 -3 -4 -5 -6 -7 -8 -9; do
  if test -f "../$rcl_old$rcl_s"; then :
  elif test -h "../$rcl_old$rcl_s"; then :
  elif test -d "../$rcl_old$rcl_s"; then :
  else rcl_b=$rcl_old$rcl_s; break
  fi
done
if test -n "$rcl_b"; then :; else rcl_stop backup 24; fi
rcl_copy "../$rcl_f" "./$rcl_b" || rcl_stop backup 24
rcl_sum "./$rcl_b"
if test "$rcl_x" = "$rcl_before"; then :; else rcl_stop changed 23; fi
rcl_like "./$rcl_b" "./$rcl_f" || rcl_stop 'attributes copy' 33
rcl_kept "../$rcl_f" "./$rcl_f" || rcl_stop "attributes $rcl_a" 33
`;

/** The content is on the disk before the name points to it: a power failure must not leave an empty file. */
const SYNC = `sync "./$rcl_f" 2>/dev/null || sync
`;

const RENAME = `ln -n "./$rcl_b" .. || rcl_stop backup 24
cmp -s "../$rcl_f" "./$rcl_b" || { rm -f "../$rcl_b"; rcl_stop changed 23; }
mv -f "./$rcl_f" .. || { rm -f "../$rcl_b"; rcl_stop rename 28; }
echo "$rcl_m - backup $rcl_s"
`;

/** The backup is there before the file goes. */
const REMOVE = `ln -n "./$rcl_b" .. || rcl_stop backup 24
cmp -s "../$rcl_f" "./$rcl_b" || { rm -f "../$rcl_b"; rcl_stop changed 23; }
rm -f "../$rcl_f"
if test -f "../$rcl_f"; then rcl_stop rename 28; fi
echo "$rcl_m - backup $rcl_s"
rcl_is "$rcl_w" || rcl_stop readback 30
`;

/** How many backups of a file stay beside it. */
const KEPT_BACKUPS = 20;

/** Their names sort by time, so that the shell lists the oldest first. */
const PRUNE = `set x ../"$rcl_f".reconcile-[0-9]*Z*
shift
while test $# -gt ${KEPT_BACKUPS}; do rm -f "$1"; shift; done
`;

/** A link never replaces what is there; without -n that of Solaris would. */
const CREATE = `if test -f "../$rcl_f"; then rcl_stop changed 23; fi
if test -h "../$rcl_f"; then rcl_stop link 41; fi
if test -d "../$rcl_f"; then rcl_stop changed 23; fi
if test -n "$rcl_from"; then
  rcl_copy "$rcl_from" ./sample || rcl_stop 'attributes copy' 33
  rcl_like ./sample "./$rcl_f" || rcl_stop 'attributes copy' 33
  rcl_kept "$rcl_from" "./$rcl_f" || rcl_stop "attributes $rcl_a" 33
fi
${SYNC}ln -n "./$rcl_f" .. || { if test -f "../$rcl_f"; then rcl_stop changed 23; fi; rcl_stop rename 28; }
`;

/** Where the folder was renamed meanwhile, the file is in it, and no longer at its place. */
const READ_BACK = `rcl_is "$rcl_w" || rcl_stop readback 30
if test -h "../$rcl_f"; then rcl_stop readback 30; fi
rcl_sum "../$rcl_f"
if test "$rcl_x" = "$rcl_after"; then :; else rcl_stop readback 30; fi
`;

/** What is in the folder: the lock and the folders of other runs, for whoever has to judge their age. */
const REPORT = `echo "$rcl_m - clock"
date -u +%Y%m%d%H%M%S
if test -h "./$rcl_k"; then :; elif test -f "./$rcl_k"; then
  echo "$rcl_m - lock"
  rcl_list -ln "./$rcl_k"
  echo "$rcl_m - holder"
  cat "./$rcl_k"
fi
echo "$rcl_m - temporary"
for rcl_i in "./$rcl_start"*; do if test -d "$rcl_i"; then rcl_list -lnd "$rcl_i"; fi; done
echo "$rcl_m - copy"
`;

/** Whether there is a file that can be replaced, before its content is sent. */
const EXISTS = `if test -h "./$rcl_f"; then rcl_stop link 41; fi
if test -f "./$rcl_f"; then :; else rcl_stop gone 40; fi
rcl_single "./$rcl_f" || rcl_stop links 44
`;

/**
 * Puts the new content, which is on the standard input, into a folder of our own; then all that must not be interrupted by another
 * run, under a lock. A file that is like no other gets the usual mode.
 */
export function replaceScript(request: ReplaceRequest, nonce: string, fence: Fence): string {
  const { names, before, after, removes, holder, deadHolder, like } = request;
  const isNew = before === 'absent';
  const variables = {
    f: names.base,
    d: names.folder,
    w: names.ownPath,
    o: names.own,
    start: names.ownStart,
    k: names.lock,
    old: names.backup,
    before,
    after,
    from: like ?? '',
    holder,
    dead: deadHolder ?? '',
    held: '',
    in: '',
  };
  const assignments = Object.entries(variables).map(([name, value]) => `rcl_${name}=${quote(value)}\n`);
  const body = `umask 077
trap 'rcl_cleanup' 0
trap 'exit 29' 1 2 13 15
rcl_me
rcl_enter "$rcl_d" || rcl_stop folder 43
${REPORT}${isNew ? '' : EXISTS}rcl_nest "$rcl_w" "$rcl_o" || { cd /; rmdir "$rcl_w" 2>/dev/null; rcl_stop upload 42; }
rcl_in=1
${isNew && like === undefined ? 'umask 022\n' : ''}cat > "./$rcl_f" || rcl_stop upload 42
umask 077
exec </dev/null
if rcl_enter "$rcl_w" && rcl_mine; then :; else rcl_in=; rcl_stop folder 43; fi
rcl_mark_busy
rcl_sum "./$rcl_f"
if test "$rcl_x" = "$rcl_after"; then :; else rcl_stop transfer 22; fi
${deadHolder === undefined ? 'rcl_lock' : 'rcl_lock || rcl_take_over'} || rcl_locked
${isNew ? CREATE : BACK_UP + (removes ? REMOVE : SYNC + RENAME)}${removes ? '' : READ_BACK}${isNew ? '' : PRUNE}rcl_cleanup
trap 0`;
  const functions = LIST + OWN_FOLDER + LEAVE + ATTRIBUTES + LOCKING + TAKE_OVER + FUNCTIONS;
  return wholeScript(assignments.join('') + fenceFunctions(fence) + functions, body, nonce, 'data');
}

/** Removes the folders that dead runs have left beside a file. */
export function sweepScript(paths: readonly string[], nonce: string): string {
  const body = ['umask 077', 'rcl_me', ...paths.map(path => `rcl_sweep ${quote(path)}`)].join('\n');
  return wholeScript(OWN_FOLDER + LEAVE, body, nonce);
}
