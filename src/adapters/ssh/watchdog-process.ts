import type { Watch } from '../../ports/host.ts';
import { ATTRIBUTES, LEAVE, LOCKING, OWN_FOLDER } from './own-folder.ts';
import { commandFragment, plainRun, SEARCH } from './read-script.ts';
import { replaceNames } from './replace-script.ts';
import { cksum, plainLine, quote } from './shell-words.ts';

/*
 * The watchdog is a part of the script that starts it, left running in the background: no program has to be laid down, and
 * sshd has already given each command a session of its own, which is all that setsid could do. It hears no hang-up, holds
 * no end of the channel, and everything it needs stands in its own folder `rcl_here`:
 *
 *   flag        taken away by whoever says that all is well; renamed to `acting` by the watchdog: only one of them can
 *   ask         removed once a second; who puts it there learns that the watchdog lives
 *   mark        stands in the arguments of its process
 *   pid         the number of that
 *   backup-N    what file N is to be again
 *   written-N   what the run wrote, where it stood there at the start
 *   record      what it did, one line each; it becomes watchdog-NAME.done
 *   output      what the commands printed; it becomes watchdog-NAME.output
 */

/**
 * Waits, then acts. A step that could not be slept through does not count, so that nothing makes it act early. While it acts no
 * script of a run may write (fence-script.ts): one that is at work is waited for, and left to itself when it never ends. At the
 * end it removes the lock of its run, which has nothing more to do on this host.
 */
const WAITING = `rcl_watch() {
  trap '' 1
  while test "$rcl_c" -gt 0; do
    rm -f "$rcl_here/ask"
    if test -f "$rcl_here/flag"; then :; else rcl_vanish; return; fi
    if sleep 1; then
      rcl_y=\`expr "$rcl_c" - 1\`
      case $rcl_y in ''|*[!0-9]*) :;; *) rcl_c=$rcl_y;; esac
    fi
  done
  # step bark
  mv -f "$rcl_here/flag" "$rcl_here/acting" 2>/dev/null || { rcl_vanish; return; }
  rcl_note "nobody said that all is well, so it acted at \`date -u +%Y-%m-%dT%H:%M:%SZ\`"
  rcl_quiet
  rcl_act
  rcl_note 'it has done all of this'
  mv -f "$rcl_here/output" "$rcl_s/watchdog-$rcl_name.output" 2>/dev/null
  mv -f "$rcl_here/record" "$rcl_s/watchdog-$rcl_name.done" && rcl_vanish
  rcl_free_lock
}
rcl_vanish() {
  rm -rf "$rcl_here"
}
rcl_quiet() {
  rcl_c=300
  while test "$rcl_c" -gt 0; do
    rcl_y=
    for rcl_b in "$rcl_s"/lock/busy-*-*; do
      if test -f "$rcl_b"; then
        rcl_mark_of "$rcl_b"
        # step quiet
        if test "x$rcl_x" = "x$rcl_mark"; then :
        elif rcl_lives "$rcl_x"; then rcl_y=1
        fi
      fi
    done
    if test -z "$rcl_y"; then return; fi
    sleep 1
    rcl_c=\`expr "$rcl_c" - 1\`
  done
  rcl_note 'a command of the run was still at work, and was not waited for any longer'
}
rcl_free_lock() {
  for rcl_o in "$rcl_s"/watch-*-????????????????????????; do
    if test -d "$rcl_o"; then
      if rcl_runs "$rcl_o"; then return; fi
    fi
  done
  rcl_k=$rcl_s/lock
  # step unlock
  mv -f "$rcl_k/beat-$rcl_id" "$rcl_k/past-$rcl_own" 2>/dev/null
  rm -f "$rcl_k/past-$rcl_own" "$rcl_k"/ended-*
  rmdir "$rcl_k" 2>/dev/null
}
rcl_note() {
  echo "$1" >> "$rcl_here/record"
}
`;

/** As in a replacement: in a folder of our own, with all that belongs to the file, under its lock, then moved to its place. */
const RESTORING = `rcl_ours() {
  rcl_sum "../$rcl_f"
  if test "$rcl_x" = "$rcl_after"; then :; else return 1; fi
  if test -f "$rcl_here/written-$rcl_i"; then cmp -s "$rcl_here/written-$rcl_i" "../$rcl_f" || return 1; fi
  return 0
}
rcl_mend() {
  if test -h "../$rcl_f"; then echo 'left alone, it is a symbolic link'; return; fi
  if test -f "../$rcl_f"; then :; else echo 'left alone, it is gone'; return; fi
  if cmp -s "$rcl_here/backup-$rcl_i" "../$rcl_f"; then echo 'is as it was before already'; return; fi
  rcl_single "../$rcl_f" || { echo 'left alone, it has further names (hard links)'; return; }
  rcl_ours || { echo 'left alone, it was edited since'; return; }
  rcl_copy "../$rcl_f" ./sample || { echo 'not restored, nothing can be put beside it'; return; }
  cat "$rcl_here/backup-$rcl_i" > "./$rcl_f"
  cmp -s "$rcl_here/backup-$rcl_i" "./$rcl_f" || { echo 'not restored, the copy beside it is not whole'; return; }
  rcl_like ./sample "./$rcl_f" && rcl_kept "../$rcl_f" "./$rcl_f" || {
    echo 'not restored, its owner, mode and attributes cannot be kept'
    return
  }
  sync "./$rcl_f" || sync
  rcl_ours || { echo 'left alone, it was edited since'; return; }
  mv -f "./$rcl_f" .. || { echo 'not restored, the copy cannot take its place'; return; }
  cmp -s "$rcl_here/backup-$rcl_i" "../$rcl_f" || { echo 'not restored, another process writes it too'; return; }
  echo 'restored'
}
rcl_beside() {
  rcl_enter "$rcl_d" && rcl_nest "$rcl_w" "$rcl_o" || {
    cd /
    rmdir "$rcl_w"
    echo 'not restored, nothing can be put beside it'
    return
  }
  for rcl_j in 1 2 3 4 5 6 7 8 9 10; do
    if rcl_lock; then break; fi
    sleep 1
  done
  if test -n "$rcl_held"; then rcl_mend; else echo 'left alone, another run is writing it'; fi
  rcl_unlock
  rcl_leave "$rcl_w"
}
rcl_restore() {
  rcl_i=$1; rcl_d=$2; rcl_f=$3; rcl_w=$4; rcl_o=$5; rcl_k=$6; rcl_after=$7; rcl_what=$8
  rcl_holder="$rcl_own watchdog"
  rcl_held=
  rcl_y=\`rcl_beside\`
  case $rcl_y in restored) rcl_back=1;; esac
  rcl_note "$rcl_what: $rcl_y"
}
`;

const RUNNING = `rcl_found() {
  if test -n "$rcl_at"; then return 0; fi
  if test -n "$rcl_bad"; then rcl_note "$rcl_what: cannot be run"; else rcl_note "$rcl_what: is not there"; fi
  return 1
}
rcl_code() {
  rcl_note "$rcl_what: ended with code $1"
}
`;

/** The functions of the process; `rcl_watch` is it. */
export function watchFunctions(watch: Watch, own: string): string {
  const restore = watch.files.map((file, index) => restoreLine(file, index, own));
  const files = OWN_FOLDER + LEAVE + ATTRIBUTES + LOCKING + RESTORING;
  return `${SEARCH}${WAITING}${files}${RUNNING}${upFunction(watch)}rcl_act() {
rcl_back=
${restore.join('\n')}
if test -z "$rcl_back"; then
  if rcl_up; then rcl_note 'no file was restored and the service runs, so it was not restarted'; return; fi
fi
${watch.commands.map(commandLines).join('\n')}
}
`;
}

/** True when the service runs, as far as its processes tell. */
function upFunction({ alive }: Watch): string {
  if (alive?.status) return `rcl_up() {\n${plainRun(alive.status)} >/dev/null 2>&1\n}\n`;
  const folders = (alive?.below ?? []).map(folder => quote(`${folder}/`));
  const below = (name: string) => (folders.length === 0 ? [`*/${name}`] : folders.map(folder => `${folder}*${name}`));
  const names = (alive?.processes ?? []).flatMap(name => [name, `./${name}`, ...below(name)]);
  const processes =
    names.length === 0
      ? []
      : [
          `rcl_x=\`{ ps -e -o args || ps -o args; } 2>/dev/null | while read rcl_w rcl_y; do
case $rcl_w in ${names.join('|')}) echo up;; esac
done\`
if test -n "$rcl_x"; then return 0; fi`,
        ];
  const files = (alive?.pidFiles ?? []).map(
    path => `rcl_x=\`cat ${quote(path)} 2>/dev/null\`
case $rcl_x in ''|*[!0-9]*) :;; *) if kill -0 "$rcl_x" 2>/dev/null; then return 0; fi;; esac`,
  );
  return `rcl_up() {\n${[...processes, ...files, 'return 1'].join('\n')}\n}\n`;
}

function restoreLine(file: Watch['files'][number], index: number, own: string): string {
  const names = replaceNames(file.path, own, '');
  const { folder, base, ownPath, own: ownName, lock } = names;
  const words = [folder, base, ownPath, ownName, lock, cksum(file.written), plainLine(names.file)];
  return `rcl_restore ${index} ${words.map(quote).join(' ')}`;
}

/** With the mask of a login, and deaf for nothing: what it starts may stay for years. */
function commandLines(command: Watch['commands'][number]): string {
  return `(
trap 1
umask $rcl_um
rcl_what=${quote(plainLine(command.words.join(' ')))}
${commandFragment(command)}
) >> "$rcl_here/output" 2>&1`;
}
