import type { Command } from '../../ports/host.ts';
import { type Fence, fencedBody, fenceFunctions } from './fence-script.ts';
import { createNonce } from './frames.ts';
import { HostFault } from './host-fault.ts';
import { LEAVE, OWN_FOLDER } from './own-folder.ts';
import { READ_RUNS } from './record-script.ts';
import { replaceNames } from './replace-script.ts';
import { foldersUp, quote, quoteAssignment, splitPath } from './shell-words.ts';
import { READ_RECORD } from './start-record.ts';
import { LIST, wholeScript } from './whole-script.ts';

/** The word that stands for the file in the line of the command. */
const MADE = '"$rcl_e/$rcl_f"';

/** Whether nobody but root and this login can rename anything in these folders, which are a path from `/` on. */
const TRUSTED = `rcl_trusted() {
  for rcl_y do
    set x \`ls -ldn "$rcl_y/."\`
    case $4 in 0|$rcl_u) :;; *) return 1;; esac
    case $2 in d????-??-*|d????????[tT]*) :;; *) return 1;; esac
  done
}
`;

/** 73 is what sysexits.h calls a file that cannot be created. */
const PLACING = `rcl_give_up() {
  echo "$1"
  exit 73
}
rcl_place() {
  if rcl_enter "$rcl_d" && rcl_nest "$rcl_p" "$rcl_o"; then :; else return 1; fi
  cat "$rcl_e/$rcl_f" > "./$rcl_f" && ln -n "./$rcl_f" ..
  rcl_x=$?
  rcl_leave "$rcl_p"
  return $rcl_x
}
`;

const AFTER = `rcl_c=$?
if test "$rcl_c" = 0; then
  if test "$rcl_e" = "$rcl_p"; then ln -n "./$rcl_f" ..; else ( rcl_place ); fi || rcl_c=73
fi
rcl_leave "$rcl_e"
exit $rcl_c`;

/**
 * A command writes its file by an absolute path, so all of that path must be out of the reach of others: our own folder is
 * made in the folder that the file is for, or in /var/tmp where others could rename things there. The file is copied to its place
 * from there. The command may give up root on its way, for the user who owns the folder: then that user owns the file
 * beforehand, and can write into it, but put nothing else there.
 */
function makingLines(path: string, line: string): string {
  const { ancestors } = splitPath(path);
  const { folder, base, own, ownPath } = replaceNames(path, createNonce(), '');
  const variables = Object.entries({ d: folder, f: base, o: own, p: ownPath, e: ownPath });
  return `( ${OWN_FOLDER}${LEAVE}${TRUSTED}${PLACING}rcl_me
umask 077
${variables.map(([name, value]) => `rcl_${name}=${quote(value)}\n`).join('')}rcl_enter "$rcl_d" || rcl_give_up "$rcl_d cannot be entered, or its real path is another one: name that."
set x \`ls -ldn .\`
rcl_w=$4
if rcl_trusted ${ancestors.map(quote).toReversed().join(' ')}; then :; else
  rcl_e=/var/tmp/$rcl_o
  rcl_trusted / /var /var/tmp && rcl_enter /var/tmp || rcl_give_up '/var/tmp cannot be used: others could replace what is made there.'
fi
rcl_nest "$rcl_e" "$rcl_o" || rcl_give_up "$rcl_e cannot be made."
if test "x$rcl_w" = "x$rcl_u"; then :; else
  cat /dev/null > "./$rcl_f"
  chown "$rcl_w" "./$rcl_f" && chmod 711 .
fi
(
${line}
exit $?
)
${AFTER} ) 2>&1`;
}

/** True when the nearest folder that is there cannot be searched: then nobody can say that something below is missing. */
const HIDDEN = `rcl_hidden() {
  for rcl_d do
    if test -d "$rcl_d"; then
      if test -x "$rcl_d"; then return 1; fi
      return 0
    fi
  done
  return 1
}
`;

/**
 * When a file was last written and last changed (mtime, ctime). A file that was put back with its old time (`cp -p`) has a
 * new ctime, which nobody can set. Where `ls` shows no full times (Solaris 9), perl tells both in seconds.
 */
const TIMES = `rcl_times() {
  rcl_t=$1
  rcl_list -lncL "$rcl_t" && return
  perl -e 'printf "times %d %d\\n",(stat $ARGV[0])[9,10]' "$rcl_t" 2>/dev/null
}
`;

/** The sum before and after the data shows a torn reading; what changes after that has a later ctime, which is read last. */
const FILE = `rcl_file() {
  rcl_p=$1; shift
  if test -f "$rcl_p"; then :
  elif test -d "$rcl_p"; then echo "$rcl_m $rcl_i refused folder"; return
  elif test -p "$rcl_p"; then echo "$rcl_m $rcl_i refused special"; return
  elif test -c "$rcl_p"; then echo "$rcl_m $rcl_i refused special"; return
  elif test -b "$rcl_p"; then echo "$rcl_m $rcl_i refused special"; return
  elif test -h "$rcl_p"; then echo "$rcl_m $rcl_i refused dangling"; return
  elif rcl_hidden "$@"; then echo "$rcl_m $rcl_i refused hidden"; return
  else echo "$rcl_m $rcl_i missing"; return
  fi
  if test -r "$rcl_p"; then :; else echo "$rcl_m $rcl_i refused unreadable"; return; fi
  rcl_l=plain
  if test -h "$rcl_p"; then rcl_l=link; fi
  echo "$rcl_m $rcl_i file $rcl_l"
  ( cd "$1" && PWD= /bin/pwd )
  rcl_list -lnL "$rcl_p" || ls -lnL "$rcl_p"
  cksum < "$rcl_p"
  echo "$rcl_m $rcl_i data"
  cat "$rcl_p"
  echo ""
  echo "$rcl_m $rcl_i end"
  cksum < "$rcl_p"
  echo "$rcl_m $rcl_i times"
  rcl_times "$rcl_p"
}
`;

/** Looks for a command in one folder, as long as none was found. */
const TRY = `rcl_try() {
  if test -n "$rcl_at"; then return; fi
  rcl_n=$1; rcl_w=$2; shift; shift
  if test -d "$1"; then
    if test -f "$1/$rcl_w"; then
      if test -x "$1/$rcl_w"; then rcl_at=$rcl_n; rcl_folder=$1; else rcl_bad=$rcl_n; fi
    elif test -x "$1"; then :; else rcl_bad=$rcl_n
    fi
  elif rcl_hidden "$@"; then rcl_bad=$rcl_n
  fi
}
`;

/** Looks for a command by PATH; the shell's own search has no exit code that is the same everywhere. */
const FIND = `rcl_find() {
  rcl_w=$1
  case $rcl_w in
  */*) if test -f "$rcl_w"; then if test -x "$rcl_w"; then rcl_at=path; else rcl_bad=path; fi; fi; return;;
  esac
  rcl_s=$IFS; IFS=:
  set x $PATH
  IFS=$rcl_s; shift
  for rcl_d do
    case $rcl_d in '') rcl_d=.;; esac
    if test -f "$rcl_d/$rcl_w"; then
      if test -x "$rcl_d/$rcl_w"; then rcl_at=path; return; fi
    fi
  done
}
`;

/** What the lines of a command need, beside `rcl_found` and `rcl_code`, which tell what became of it. */
export const SEARCH: string = HIDDEN + TRY + FIND;

const OUTCOME = `rcl_found() {
  if test -n "$rcl_at"; then echo "$rcl_m $rcl_i run $rcl_at"; return 0; fi
  if test -n "$rcl_bad"; then echo "$rcl_m $rcl_i unusable $rcl_bad"; return 1; fi
  echo "$rcl_m $rcl_i absent"
  return 1
}
rcl_code() {
  rcl_ended=$1
  echo ""
  echo "$rcl_m $rcl_i code $1"
}
`;

/** Reads one file whole, or says why not. */
export function fileFragment(path: string): string {
  const { ancestors } = splitPath(path);
  return `rcl_file ${[path, ...ancestors].map(quote).join(' ')}`;
}

/** Runs one command. */
export function commandFragment(command: Command): string {
  const [first] = command.words;
  if (!first) {
    throw new HostFault('host.words-refused', 'the command has no words.');
  }
  const lines = command.find ? '( cd "$rcl_folder" && PWD= /bin/pwd ) 2>&1' : runLines(command, first);
  return ['rcl_at=; rcl_bad=', ...searchLines(command, first), 'if rcl_found; then', lines, 'rcl_code $?', 'fi'].join(
    '\n',
  );
}

/** What another user runs is found by the PATH of that user. */
function searchLines({ directories, as }: Command, first: string): readonly string[] {
  if (directories)
    return directories.map(
      (folder, index) => `rcl_try ${[String(index), first, ...foldersUp(folder)].map(quote).join(' ')}`,
    );
  return [as === undefined ? `rcl_find ${quote(first)}` : 'rcl_at=path'];
}

/** The lines of a subshell that run a command which is found by PATH, without a word of ours. */
export function plainRun(command: Command): string {
  const [first = '', ...rest] = command.words;
  return `( ${commandLine(command, first, rest.map(quote))}\nexit $? )`;
}

function runLines(command: Command, first: string): string {
  const { makes } = command;
  const words = command.words.slice(1).map(word => (word === makes ? MADE : quote(word)));
  const line = commandLine(command, first, words);
  // Not the last command of the subshell, which would give its place to it: the subshell has the mark of the script.
  return makes === undefined ? `( ${line}\nexit $? ) 2>&1` : makingLines(makes, line);
}

function commandLine(command: Command, first: string, words: readonly string[]): string {
  const assignments = Object.entries(command.environment ?? {}).map(([name, value]) => quoteAssignment(name, value));
  const program = command.directories ? `./${first}` : first;
  const enter = command.directories ? 'cd "$rcl_folder" || exit 126\n' : '';
  const line = [...assignments, quote(program), ...words].join(' ');
  return `${enter}${command.as === undefined ? line : asUser(command.as, line)}`;
}

/** A line that a user runs: directly where the login is that user. The login shell of that user reads it where root becomes it. */
function asUser(user: string, line: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(user)) {
    throw new HostFault('host.words-refused', `${JSON.stringify(user)} is not the name of a user.`);
  }
  return `set x \`id\`
case $2 in
"uid="*"(${user})") ${line};;
"uid=0("*) su ${user} -c ${quote(line)};;
*) sudo -n -u ${user} /bin/sh -c ${quote(line)};;
esac`;
}

/** Asks for the host's clock. */
export const CLOCK_FRAGMENT = `echo "$rcl_m $rcl_i clock"
date -u '+%Y%m%d%H%M%S'`;

/** One script for all the requests of a trip, numbered from 0; with a fence where they change something. */
export function requestScript(fragments: readonly string[], nonce: string, fence?: Fence): string {
  const body = fragments.map((fragment, index) => `rcl_i=${index}\n${fragment}`).join('\n');
  const functions = LIST + TIMES + FILE + SEARCH + OUTCOME;
  return fence
    ? wholeScript(fenceFunctions(fence) + functions, fencedBody(body), nonce)
    : wholeScript(functions + READ_RECORD + READ_RUNS, body, nonce);
}
