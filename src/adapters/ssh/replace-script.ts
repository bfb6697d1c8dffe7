import { doneMark, frameMark } from './frames.ts';
import { joinPath, quote, splitPath } from './quote.ts';
import { LIST, PREAMBLE, wholeScript } from './shell.ts';

/** The files around the one that is replaced, all in its folder, so that a rename is one step. */
export interface ReplaceNames {
  readonly file: string;
  readonly folder: string;
  /** The new content while it is on its way, named after the nonce. */
  readonly temporary: string;
  /** What the names of all such files begin with. */
  readonly temporaryStart: string;
  readonly lock: string;
  /** Without the suffix that keeps it from being an existing one. */
  readonly backup: string;
}

/** The names for one replacement. `stamp`: UTC, as it is to stand in the name of the backup. */
export function replaceNames(path: string, nonce: string, stamp: string): ReplaceNames {
  const { folder, base } = splitPath(path);
  const file = joinPath(folder, base);
  const temporaryStart = joinPath(folder, `.${base}.reconcile-new.`);
  const lock = joinPath(folder, `.${base}.reconcile-lock`);
  return {
    file,
    folder,
    temporaryStart,
    temporary: temporaryStart + nonce,
    lock,
    backup: `${file}.reconcile-${stamp}`,
  };
}

/** How a script that gives up says why: the exit code, and the word of its last frame. */
export const STOPS = {
  gone: 40,
  link: 41,
  upload: 42,
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

/**
 * The first trip: data cannot follow a script on standard input (shells read ahead) nor be a here-document (the Bourne shell
 * damages bytes above 127), so the script is one line, quoted for the login shell, and the data is the standard input.
 */
export function uploadCommand(names: ReplaceNames, source: string | undefined, exists: boolean, nonce: string): string {
  return `/bin/sh -c ${quote(uploadScript(names, source, exists, nonce))}`;
}

/**
 * Copies `source` first, which gives the new content its owner, mode and access list, and tells how old the lock and the
 * temporary files of earlier runs are.
 */
export function uploadScript(names: ReplaceNames, source: string | undefined, exists: boolean, nonce: string): string {
  const mark = `${frameMark(nonce)} -`;
  const [file, temporary, lock] = [names.file, names.temporary, names.lock].map(quote);
  const holder = quote(joinPath(names.lock, 'holder'));
  const stop = (why: Stop) => `echo "${mark} stop ${why}"; exit ${STOPS[why]}`;
  const copy = source === undefined ? ':' : `cp -p ${quote(source)} ${temporary}`;
  return [
    ...PREAMBLE.trim().split('\n'),
    `umask ${source === undefined ? '022' : '077'}`,
    LIST.trim().replace('{\n', '{').replace('\n}', '; }'),
    `echo "${mark} clock"`,
    'date -u +%Y%m%d%H%M%S',
    `if test -d ${lock}; then echo "${mark} lock"; rcl_list -lnd ${lock}; echo "${mark} holder"; cat ${holder}; fi`,
    `echo "${mark} temporary"`,
    `for rcl_i in ${quote(names.temporaryStart)}*; do if test -f "$rcl_i"; then rcl_list -ln "$rcl_i"; fi; done`,
    ...(exists
      ? [`if test -h ${file}; then ${stop('link')}; fi`, `if test -f ${file}; then :; else ${stop('gone')}; fi`]
      : []),
    `echo "${mark} copy"`,
    `{ ${copy} && cat > ${temporary}; } || { rm -f ${temporary}; ${stop('upload')}; }`,
    `echo "${doneMark(nonce).trimEnd()}"`,
  ].join('; ');
}

/** What the second trip needs to know. Sums are as `cksum` prints them. */
export interface CommitRequest {
  readonly names: ReplaceNames;
  readonly before: string | 'absent';
  readonly after: string;
  /** What stands in the lock: who holds it. */
  readonly holder: string;
  /** The holder of a lock that was left behind and is to be taken over. */
  readonly deadHolder?: string;
  /** Temporary files of dead runs. */
  readonly sweep: readonly string[];
}

const FUNCTIONS = `rcl_stop() {
  rcl_cleanup
  trap 0
  echo "$rcl_m - stop $1"
  exit $2
}
rcl_cleanup() {
  rm -f "$rcl_t"
  if test -n "$rcl_held"; then rm -f "$rcl_k/holder"; rmdir "$rcl_k"; rcl_held=; fi
}
rcl_sum() {
  rcl_x=\`cksum < "$1"\`
  rcl_x=\`echo $rcl_x\`
}
rcl_attributes() {
  set x \`ls -ln "$1"\`
  echo "$2 $4 $5"
}
`;

/** Taking over is by rename, of which only one can succeed; the holder is compared before and after. */
const TAKE_OVER = `rcl_x=\`cat "$rcl_k/holder" 2>/dev/null\`
if test "x$rcl_x" = "x$rcl_dead"; then :; else rcl_stop locked 20; fi
mv "$rcl_k" "$rcl_k.$rcl_nonce" || rcl_stop locked 20
rcl_x=\`cat "$rcl_k.$rcl_nonce/holder" 2>/dev/null\`
if test "x$rcl_x" = "x$rcl_dead"; then :; else mv "$rcl_k.$rcl_nonce" "$rcl_k"; rcl_stop locked 20; fi
rm -f "$rcl_k.$rcl_nonce/holder"
rmdir "$rcl_k.$rcl_nonce"
mkdir "$rcl_k" || rcl_stop locked 20
`;

const BACK_UP = `if test -h "$rcl_f"; then rcl_stop link 41; fi
if test -f "$rcl_f"; then :; else rcl_stop gone 40; fi
rcl_sum "$rcl_f"
if test "$rcl_x" = "$rcl_before"; then :; else rcl_stop changed 23; fi
rcl_x=\`rcl_attributes "$rcl_f"\`
rcl_y=\`rcl_attributes "$rcl_t"\`
if test "$rcl_x" = "$rcl_y"; then :; else rcl_stop attributes 33; fi
rcl_b=
for rcl_s in '' -2 -3 -4 -5 -6 -7 -8 -9; do
  if test -f "$rcl_old$rcl_s"; then :
  elif test -h "$rcl_old$rcl_s"; then :
  elif test -d "$rcl_old$rcl_s"; then :
  else rcl_b=$rcl_old$rcl_s; break
  fi
done
if test -n "$rcl_b"; then :; else rcl_stop backup 24; fi
cp -p "$rcl_f" "$rcl_b" || { rm -f "$rcl_b"; rcl_stop backup 24; }
cmp -s "$rcl_f" "$rcl_b" || { rm -f "$rcl_b"; rcl_stop changed 23; }
rcl_sum "$rcl_b"
if test "$rcl_x" = "$rcl_before"; then :; else rm -f "$rcl_b"; rcl_stop changed 23; fi
`;

/** The content is on the disk before the name points to it: a power failure must not leave an empty file. */
const SYNC = `sync "$rcl_t" 2>/dev/null || sync
`;

const RENAME = `cmp -s "$rcl_f" "$rcl_b" || { rm -f "$rcl_b"; rcl_stop changed 23; }
mv -f "$rcl_t" "$rcl_f" || { rm -f "$rcl_b"; rcl_stop rename 28; }
echo "$rcl_m - backup $rcl_s"
`;

/** How many backups of a file stay beside it. */
const KEPT_BACKUPS = 20;

/** Their names sort by time, so that the shell lists the oldest first. */
const PRUNE = `set x "$rcl_f".reconcile-[0-9]*Z*
shift
while test $# -gt ${KEPT_BACKUPS}; do rm -f "$1"; shift; done
`;

/** A link never replaces what is there; without -n that of Solaris would. */
const CREATE = `if test -f "$rcl_f"; then rcl_stop changed 23; fi
if test -h "$rcl_f"; then rcl_stop link 41; fi
if test -d "$rcl_f"; then rcl_stop changed 23; fi
${SYNC}ln -n "$rcl_t" "$rcl_f" || { if test -f "$rcl_f"; then rcl_stop changed 23; fi; rcl_stop rename 28; }
rm -f "$rcl_t"
`;

/** The second trip: all that must not be interrupted by another run, under a lock. */
export function commitScript(request: CommitRequest, nonce: string): string {
  const { names, before, after, holder, deadHolder, sweep } = request;
  const variables = {
    f: names.file,
    t: names.temporary,
    k: names.lock,
    old: names.backup,
    before,
    after,
    holder,
    dead: deadHolder ?? '',
    nonce,
    held: '',
  };
  const assignments = Object.entries(variables).map(([name, value]) => `rcl_${name}=${quote(value)}\n`);
  const takeLock =
    deadHolder === undefined ? 'if test -d "$rcl_k"; then rcl_stop locked 20; fi\nrcl_stop lock 21\n' : TAKE_OVER;
  const body = `umask 077
trap 'rcl_cleanup' 0
trap 'exit 29' 1 2 13 15
if mkdir "$rcl_k"; then :; else
${takeLock}fi
rcl_held=1
echo "$rcl_holder" > "$rcl_k/holder" || rcl_stop lock 21
${sweep.map(path => `rm -f ${quote(path)}\n`).join('')}rcl_sum "$rcl_t"
if test "$rcl_x" = "$rcl_after"; then :; else rcl_stop transfer 22; fi
${before === 'absent' ? CREATE : BACK_UP + SYNC + RENAME}rcl_sum "$rcl_f"
if test "$rcl_x" = "$rcl_after"; then :; else rcl_stop readback 30; fi
${before === 'absent' ? '' : PRUNE}rcl_cleanup
trap 0`;
  return wholeScript(assignments.join('') + FUNCTIONS, body, nonce);
}
