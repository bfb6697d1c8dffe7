import { createNonce } from './nonce.ts';
import { LEAVE, OWN_FOLDER } from './own-folder.ts';
import { quote, splitPath } from './quote.ts';
import { replaceNames } from './replace-script.ts';

/** The word that stands for the file in the line of the command. */
export const MADE = '"$rcl_e/$rcl_f"';

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
export function makingLines(path: string, line: string): string {
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
