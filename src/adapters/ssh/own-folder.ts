/*
 * A login that may write everything works in folders that others own: icsuser owns the folder of ics.conf, and what icsuser
 * owns can be renamed, or replaced by a link, between any two of our steps. So nothing is ever written there by its name:
 *
 *   enter    `cd` into the folder, then compare what /bin/pwd says: from then on `.` is that folder, whatever its name
 *            leads to
 *   own      make a folder of mode 0700 in it, enter that one, and look who owns `.`: nobody else can put anything there
 *   fill     write under the final name
 *   publish  `mv -f NAME ..` (or `ln -n NAME ..`, which never replaces): `..` is an inode and not a name, and what stands
 *            there under that name is replaced or refused, never followed; `mv NEW FILE` would put NEW into the folder that a
 *            link at FILE leads to
 *
 * The folder cannot be moved out of its parent: that takes the right to write in it. Reading is by name, and is checked by
 * content: what was read through a link is compared before it is used, and stays in the folder until then. One way for every
 * file and every owner: to become the owner of the folder would take a login shell that such accounts often do not have.
 */

/** Sets `rcl_u`, the number of this login. `id` prints `uid=0(root)` everywhere; `id -u` is younger than Solaris's. */
export const ME = `rcl_me() {
  rcl_ifs=$IFS; IFS='=('
  set x \`id\`
  IFS=$rcl_ifs
  rcl_u=$3
}
`;

/**
 * `rcl_enter PATH` and `rcl_nest PATH NAME`, which makes a folder in the one that was entered, say by their status whether it
 * worked; `rcl_is PATH` whether `.` is still there; `rcl_mine` whether others are kept out of `.`, also where an access list was inherited. PWD is what a shell
 * believes: some /bin/pwd would print that.
 */
export const OWN_FOLDER = `${ME}rcl_is() {
  rcl_x=\`PWD= /bin/pwd\`
  test "x$rcl_x" = "x$1"
}
rcl_enter() {
  cd "$1" || return 1
  rcl_is "$1"
}
rcl_mine() {
  set x \`ls -ldn .\`
  case $2 in *+) setfacl -b . 2>/dev/null || chmod A- . 2>/dev/null; set x \`ls -ldn .\`;; esac
  if test "x$4" = "x$rcl_u"; then :; else return 1; fi
  case $2 in drwx--[-Sl]---|drwx--[-Sl]---.) return 0;; esac
  return 1
}
rcl_nest() {
  mkdir -m 700 "./$2" || return 1
  rcl_enter "$1" || return 1
  rcl_mine || return 1
  set x \`ls -a .\`
  test $# -eq 3
}
rcl_single() {
  set x \`ls -ldn "$1"\`
  test "$3" = 1
}
`;

/**
 * `rcl_leave PATH` clears such a folder when `.` is it, and goes. Its name is that of one run: where others have put something
 * else, `rmdir` finds nothing. `rcl_sweep PATH` does the same to what a dead run left; nothing is removed by a path through it,
 * as `rm -r` would.
 */
export const LEAVE = `rcl_leave() {
  rm -f ./* ./.[!.]*
  cd /
  rmdir "$1"
}
rcl_sweep() {
  ( if rcl_enter "$1"; then if rcl_mine; then rcl_leave "$1"; fi; fi )
}
`;

/**
 * `rcl_copy FROM TO` copies a file with all that belongs to it, `rcl_like FROM TO` gives TO all of that but content and time:
 * with the old time nobody would see that the server must be restarted. GNU's cp keeps all of it and fails where it cannot;
 * Solaris's needs \`-@\` for extended attributes. `rcl_kept FROM TO` compares, and leaves in `rcl_a` what was lost.
 */
export const ATTRIBUTES = `rcl_gnu=
case \`cp --help 2>&1\` in *--attributes-only*) rcl_gnu=1;; esac
rcl_copy() {
  if test -n "$rcl_gnu"; then cp --preserve=all,xattr "$1" "$2"; return; fi
  cp -p@ "$1" "$2" 2>/dev/null || cp -p "$1" "$2"
}
rcl_like() {
  if test -n "$rcl_gnu"; then
    cp --attributes-only --preserve=all,xattr --no-preserve=timestamps "$1" "$2"
    return
  fi
  rcl_copy "$1" ./like && cat "$2" > ./like && mv -f ./like "$2"
}
rcl_owner() {
  set x \`ls -ldn "$1"\`
  echo "$2 $4 $5"
}
rcl_label() {
  for rcl_y in \`ls -Zd "$1" 2>/dev/null\`; do
    case $rcl_y in *:*:*) echo "$rcl_y"; return;; esac
  done
}
rcl_extended() {
  getfattr --absolute-names -d -m '^user[.]' -e hex "$1" 2>/dev/null | while read rcl_y; do
    case $rcl_y in '#'*) :;; *) echo "$rcl_y";; esac
  done
  set x \`ls -ldn@ "$1" 2>/dev/null\`
  echo "$2"
}
rcl_kept() {
  for rcl_a in owner label extended; do
    rcl_x=\`rcl_$rcl_a "$1"\`
    rcl_y=\`rcl_$rcl_a "$2"\`
    if test "x$rcl_x" = "x$rcl_y"; then :; else return 1; fi
  done
}
rcl_sum() {
  rcl_x=\`cksum < "$1"\`
  rcl_x=\`echo $rcl_x\`
}
`;

/**
 * The lock of a file is a file beside it, whose text says who holds it. It is made in the own folder and linked, so that it is
 * there with its text or not at all, and never goes through a link; the one in the own folder says later whether it is ours.
 */
export const LOCKING = `rcl_lock() {
  echo "$rcl_holder" > "./$rcl_k" || return 1
  ln -n "./$rcl_k" .. || return 1
  rcl_held=1
}
rcl_unlock() {
  if test -n "$rcl_held"; then
    rcl_held=
    if cmp -s "./$rcl_k" "../$rcl_k"; then rm -f "../$rcl_k"; fi
  fi
}
`;

/** Such functions in one line: csh has no quoted line ends. */
export function oneLine(functions: string): string {
  return functions
    .trim()
    .replace(/(\{|;;|\b(?:then|else|do|in))\n\s*/g, '$1 ')
    .replace(/\n\s*/g, '; ');
}
