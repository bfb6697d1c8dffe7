import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A shell that /bin/sh may be, with a family of tools. */
export type ShellCase = readonly [shell: string, family: string, path: string];

const gnu = '/usr/bin:/bin';

/**
 * Every shell that /bin/sh may be, and three families of tools, which `makeTools` lays into the folder. A shell that is
 * missing is a failure, not a skip: install-servers.sh brings them all.
 */
export function shellMatrix(tools: string): readonly ShellCase[] {
  return [
    ['dash', 'GNU', gnu],
    ['busybox sh', 'GNU', gnu],
    ['mksh', 'GNU', gnu],
    ['ksh93', 'GNU', gnu],
    ['yash', 'GNU', gnu],
    ['bash', 'GNU', gnu],
    ['bash --posix', 'GNU', gnu],
    ['dash', 'Solaris-like', `${tools}/solaris:${gnu}`],
    ['mksh', 'Solaris-like', `${tools}/solaris:${gnu}`],
    ['ksh93', 'Solaris-like', `${tools}/solaris:${gnu}`],
    ['busybox sh', 'busybox', `${tools}/busybox`],
  ];
}

/** The environment of such a shell. In the C locale yash refuses every byte above 127. */
export function shellEnvironment([shell, , path]: ShellCase): Readonly<Record<string, string>> {
  return { PATH: path, ...(shell === 'yash' && { LC_CTYPE: 'C.UTF-8' }) };
}

/** Lays the tools that are not those of this machine. */
export function makeTools(tools: string): void {
  makeSolarisTools(join(tools, 'solaris'));
  makeBusyboxTools(join(tools, 'busybox'));
}

/**
 * `ls` with -E and -@ and without --full-time, `cp` with -@ and no long options, `cksum` with tabs, `ln` that overwrites unless told not to, `touch -c` that fails for
 * a file that is missing, `sleep` without fractions, `id` without -u.
 */
function makeSolarisTools(folder: string): void {
  mkdirSync(folder);
  const tool = (name: string, text: string) => writeFileSync(join(folder, name), `#!/bin/sh\n${text}`, { mode: 0o755 });
  tool(
    'ls',
    `case $1 in
--*) echo "ls: illegal option" >&2; exit 2;;
-*E) a=\`echo "$1" | /usr/bin/tr -d E\`; shift
  exec /usr/bin/ls "$a" --time-style='+%Y-%m-%d %H:%M:%S.%N %z' "$@";;
-*@) a=\`echo "$1" | /usr/bin/tr -d @\`; shift
  case \`getfattr --absolute-names "$1"\` in *user*) mark=@;; *) mark=;; esac
  exec /usr/bin/ls "$a" "$1" | /usr/bin/sed "s/^\\(..........\\)[^ ]*/\\1$mark/";;
esac
for a do case $a in --*) echo "ls: illegal option" >&2; exit 2;; esac; done
exec /usr/bin/ls "$@"
`,
  );
  tool(
    'cp',
    `case $1 in
--*) echo "cp: illegal option" >&2; exit 2;;
-p@) shift; exec /usr/bin/cp --preserve=all,xattr "$@";;
esac
exec /usr/bin/cp "$@"
`,
  );
  tool('cksum', '/usr/bin/cksum "$@" | /usr/bin/tr " " "\\t"\n');
  tool('ln', 'if test "$1" = -n; then shift; exec /usr/bin/ln "$@"; fi\nexec /usr/bin/ln -f "$@"\n');
  tool('sync', 'if test $# -gt 0; then echo "sync: arguments ignored" >&2; fi\nexit 0\n');
  tool('touch', 'if test "$1" = -c; then test -f "$2" || exit 1; fi\nexec /usr/bin/touch "$@"\n');
  tool(
    'sleep',
    'case $1 in *[!0-9]*) echo "sleep: bad character in argument" >&2; exit 2;; esac\nexec /usr/bin/sleep "$1"\n',
  );
  tool('id', 'case $1 in -u) echo "id: illegal option" >&2; exit 1;; esac\nexec /usr/bin/id "$@"\n');
}

/** This busybox has no cksum; the scripts find it in /usr/bin. */
function makeBusyboxTools(folder: string): void {
  mkdirSync(folder);
  execFileSync('busybox', ['--install', '-s', folder]);
}
