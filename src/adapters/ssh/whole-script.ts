import { doneMark, frameMark } from './frames.ts';
import { quote } from './shell-words.ts';

/*
 * Every script must run in the Bourne shell of Solaris 10, which is older than POSIX: no $( ), no $(( )), no ${x#y}, no
 * `!`, no `export A=1`, no `test -e`, no `local`, no here-document. Names begin with rcl_, so that a variable that
 * happens to be exported on the host is not changed for the commands.
 */

/** The first lines of every script. Our own tools and the commands speak English and plain ASCII; aliases of the login count for nothing. */
export const PREAMBLE = `LC_ALL=C; export LC_ALL
unalias -a 2>/dev/null
PATH=$PATH:/usr/bin:/bin:/usr/sbin:/sbin; export PATH
`;

/**
 * How one file is listed with a full time: -E is Solaris's, --full-time that of GNU and busybox and stronger than TIME_STYLE.
 * A login may want sizes of GNU in another unit (BLOCK_SIZE), or of Solaris find the `ls` of /usr/ucb first, which has neither.
 */
export const LIST = `rcl_list() {
  TZ=UTC0 ls $1E "$2" 2>/dev/null || LS_BLOCK_SIZE=1 TZ=UTC0 ls $1 --full-time "$2" 2>/dev/null || TZ=UTC0 /usr/bin/ls $1E "$2" 2>/dev/null
}
`;

/**
 * A whole script for the standard input of /bin/sh. Shells read it in blocks, so a command must never see it:
 * the body is a function that is called with an empty standard input. What it leaves running would still hold the real one,
 * which shells put aside for the time of the call: with `left` it is given up for good. A script that is read before its
 * `data` (`leadingScript`) hands them to its body.
 */
export function wholeScript(
  functions: string,
  body: string,
  nonce: string,
  input: 'empty' | 'left' | 'data' = 'empty',
): string {
  return `${PREAMBLE}rcl_m='${frameMark(nonce)}'
${functions}rcl_main() {
echo "$rcl_m - start $$"
${body}
echo '${doneMark(nonce).trimEnd()}'
}
${CALLS[input]}
`;
}

const CALLS = { empty: 'rcl_main </dev/null', left: 'exec </dev/null; rcl_main', data: 'rcl_main' } as const;

/**
 * The line that runs a script of so many bytes from the beginning of the standard input, and leaves the rest to it. One byte at
 * a time: a shell that reads its own script reads ahead, and so does `dd` where it reads in blocks.
 */
export function leadingScript(length: number | '$rcl_n'): string {
  return `rcl_text=\`dd bs=1 count=${length} 2>/dev/null\`; eval "$rcl_text"`;
}

/** How a script is run: /bin/sh gets it on its standard input. */
export interface ShellCall {
  /** Stands in the arguments of its process. */
  readonly mark?: string;
  /** So many bytes of the input are the script, and data follow; absent: all of it is. */
  readonly leads?: number;
}

/** The command that runs a script from its standard input. */
export function shellCommand({ mark, leads }: ShellCall): string {
  const argument = mark === undefined ? '' : ` reconcile-${mark}`;
  if (leads !== undefined) return `/bin/sh -c ${quote(leadingScript(leads))}${argument}`;
  return mark === undefined ? '/bin/sh' : `/bin/sh -s${argument}`;
}

/** The command of a shell that waits until it hears which of these calls it is; it ends when its input does. */
export function waitingCommand(mark: string): string {
  return `/bin/sh -c ${quote(WAITING)} reconcile-${mark}`;
}

/** `read` takes its line and nothing behind it. In one line and without \`!\`, for a login shell may be csh. */
const WAITING = `read rcl_n || exit 0; case $rcl_n in 0) exec /bin/sh -s "$0";; esac; ${leadingScript('$rcl_n')}`;

/** What such a shell has to hear before the input of a call. */
export function callLine({ leads = 0 }: ShellCall): string {
  return `${leads}\n`;
}

/**
 * Ends what a script that took too long has left: its process group where the host can name it, else the shell alone.
 * The ps of busybox knows no -p, but lists everything. What does not heed the first signal gets a second one a moment later.
 */
export function killScript(process: number, nonce: string): string {
  const body = `rcl_g=\`ps -o pgid= -p ${process} 2>/dev/null\`
rcl_g=\`echo $rcl_g\`
if test -z "$rcl_g"; then
  rcl_g=\`ps -o pid,pgid 2>/dev/null | while read rcl_p rcl_q; do
    if test "$rcl_p" = ${process}; then echo $rcl_q; fi
  done\`
fi
case $rcl_g in
''|0|1|*[!0-9]*) rcl_g=${process};;
*) rcl_g=-$rcl_g;;
esac
kill -15 $rcl_g
( sleep 1; kill -9 $rcl_g ) >/dev/null 2>&1 &`;
  return wholeScript('', body, nonce);
}
