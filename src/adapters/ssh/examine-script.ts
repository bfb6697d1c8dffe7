import { printable } from '../../core/printable.ts';
import type { FreeSpace, HostLook, HostQuestion, PathRights } from '../../ports/host.ts';
import { bodyLines, type Frame } from './frames.ts';
import { HostFault, quoteHost } from './host-fault.ts';
import { foldersUp, quote } from './shell-words.ts';

/** The programs that the scripts of this folder call and that no shell has built in. */
export const TOOLS: readonly string[] = [
  ...['cat', 'chmod', 'chown', 'cksum', 'cmp', 'cp', 'date', 'dd', 'expr', 'id', 'ln', 'ls'],
  ...['mkdir', 'mv', 'ps', 'rm', 'rmdir', 'sleep', 'touch', 'uname'],
];

/** `rcl_rights WORD PATH FOLDER…` shows what is there and what this user may do with it; the folders lead up to `/`. */
const FUNCTIONS = `rcl_rights() {
  rcl_y=$1; rcl_p=$2; shift; shift
  if test -d "$rcl_p"; then rcl_k=folder
  elif test -f "$rcl_p"; then rcl_k=file
  elif test -h "$rcl_p"; then rcl_k=other
  elif test -c "$rcl_p"; then rcl_k=other
  elif test -p "$rcl_p"; then rcl_k=other
  elif rcl_hidden "$@"; then rcl_k=hidden
  else rcl_k=missing
  fi
  rcl_x=
  if test -r "$rcl_p"; then rcl_x=r; fi
  if test -w "$rcl_p"; then rcl_x=\${rcl_x}w; fi
  if test -x "$rcl_p"; then rcl_x=\${rcl_x}x; fi
  echo "$rcl_m $rcl_i $rcl_y $rcl_k -$rcl_x"
  ls -ldnL "$rcl_p" 2>/dev/null
}
rcl_space() {
  echo "$rcl_m $rcl_i space"
  for rcl_p do
    if test -d "$rcl_p"; then
      df -kP "$rcl_p" 2>/dev/null || df -k "$rcl_p" 2>/dev/null
      return
    fi
  done
}
rcl_home() {
  case $HOME in /*) :;; *) return;; esac
  rcl_d=$HOME/.reconcile
  if test -d "$rcl_d"; then :; else rcl_d=$HOME; fi
  rcl_rights state "$rcl_d" /
  echo "$rcl_m $rcl_i home"
  echo "$rcl_d"
}`;

const TOOLS_LOOK = `echo "$rcl_m $rcl_i lacking"
for rcl_y in ${TOOLS.join(' ')}; do
  rcl_at=; rcl_bad=
  rcl_find "$rcl_y"
  if test -n "$rcl_at"; then :; else echo "$rcl_y"; fi
done`;

/** Looks at a host; every line reads. */
export function examineFragment({ paths, folders }: HostQuestion): string {
  return [
    FUNCTIONS,
    'echo "$rcl_m $rcl_i who"\nid',
    'echo "$rcl_m $rcl_i system"\nuname -a',
    TOOLS_LOOK,
    'rcl_home',
    ...paths.map(path => `rcl_rights path ${[path, ...foldersUp(path).slice(1)].map(quote).join(' ')}`),
    ...folders.map(folder => `rcl_space ${foldersUp(folder).map(quote).join(' ')}`),
  ].join('\n');
}

/** Reads the answer; what cannot be read of it is left out, and only a host that does not say who we are is a fault. */
export function examineFrom({ paths, folders }: HostQuestion, frames: readonly Frame[], errors: string): HostLook {
  const all = (word: string) => frames.filter(frame => frame.word === word);
  const lines = (word: string) => bodyLines(all(word)[0]);
  const [who = ''] = lines('who');
  const [, uid, user] = /^uid=(\d+)\(([^)]*)\)/.exec(who) ?? [];
  if (uid === undefined || user === undefined)
    throw new HostFault('host.unexpected-output', `"id" does not show the user:\n${quoteHost(who || errors)}`);
  const [home] = lines('home');
  const [state] = all('state');
  return {
    user: printable(user),
    uid: Number(uid),
    system: printable(lines('system')[0] ?? ''),
    lacking: TOOLS.filter(tool => lines('lacking').includes(tool)),
    ...(state && home !== undefined && { state: rightsFrom(printable(home), state) }),
    paths: paths.map((path, at) => rightsFrom(path, all('path')[at])),
    space: folders.map((folder, at) => spaceFrom(folder, all('space')[at])),
  };
}

const KINDS: readonly PathRights['kind'][] = ['file', 'folder', 'other', 'missing', 'hidden'];

function rightsFrom(path: string, frame: Frame | undefined): PathRights {
  const [word, letters = ''] = frame?.rest.split(' ') ?? [];
  const kind = KINDS.find(one => one === word) ?? 'hidden';
  const [, owner] = /^\S+\s+\d+\s+(\d+)\s/.exec(bodyLines(frame)[0] ?? '') ?? [];
  const may = { read: letters.includes('r'), write: letters.includes('w'), execute: letters.includes('x') };
  return { path, kind, ...may, ...(owner !== undefined && { owner: Number(owner) }) };
}

/** A long name of a device has a line of its own. */
function spaceFrom(folder: string, frame: Frame | undefined): FreeSpace {
  const text = bodyLines(frame).slice(1).join(' ');
  const [, free] = /\s\d+\s+\d+\s+(-?\d+)\s+\d+%/.exec(text) ?? [];
  return { folder, ...(free !== undefined && { free: Math.max(0, Number(free)) * 1024 }) };
}
