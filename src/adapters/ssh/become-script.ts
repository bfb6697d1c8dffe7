import type { Privilege } from '../../core/desired.ts';
import { HostFault } from './host-fault.ts';
import { oneLine } from './own-folder.ts';
import { quote } from './shell-words.ts';

/*
 * How a command gets to run as another user. All of it is one line, because the login shell and that of the other user may be csh.
 *
 *   outer   /bin/sh of the login: finds sudo, doas, su or pfexec, and gives its place to it
 *   inner   /bin/sh of the acting user: says who it is and where its home is, then reads a head, the command, and its input
 *
 * A nonce never stands in one piece in these lines: a message or a trace that shows them must not look like what they print.
 */

/** What one becoming needs to know. */
export interface Becoming {
  readonly privilege: Privilege;
  /** Whether a password may be sent. */
  readonly answers: boolean;
  readonly terminal: boolean;
  readonly nonce: string;
}

/** Where software of other makers keeps sudo and doas. */
const MORE_FOLDERS = '/usr/local/bin:/opt/csw/bin:/usr/sfw/bin:/opt/sfw/bin:/opt/local/bin:/usr/sbin';

/** Bytes of the head: nonce, length of the command, length of the input, nonce of the end. */
const HEAD = 80;

/** The text with which sudo asks. It has no `%`, which sudo would expand. */
export function sudoPrompt(nonce: string): string {
  return `ask-${nonce}: `;
}

/** What the outer shell prints on a terminal just before it becomes the other one: whatever stood before that asks for nothing. */
export function askMark(nonce: string): string {
  return `@${nonce} - ask`;
}

/**
 * The line for the login shell. The inner one is in a variable, which su hands on: a quoted text in a quoted text in a quoted
 * text is not the same to every shell.
 */
export function becomeLine(becoming: Becoming): string {
  const { privilege, terminal, nonce } = becoming;
  const as = userWord(privilege.as);
  const steps = [
    'LC_ALL=C; export LC_ALL',
    `PATH=$PATH:${MORE_FOLDERS}; export PATH`,
    `rcl_inner=${quote(innerLine(as, nonce, terminal))}; export rcl_inner`,
    ...(terminal ? ['stty -echo -onlcr 2>/dev/null', `echo "@"${halves(nonce)}" - ask"`] : []),
    `exec ${words(becoming, as)}`,
  ];
  return `/bin/sh -c ${quote(steps.join('; '))}`;
}

function words({ privilege, answers, nonce }: Becoming, as: string): string {
  const inner = '/bin/sh -c "$rcl_inner"';
  switch (privilege.by) {
    case 'sudo':
      return answers
        ? `sudo -k -S -p "ask-"${halves(nonce)}": " -u ${as} -- ${inner}`
        : `sudo -k -n -u ${as} -- ${inner}`;
    case 'doas':
      return `doas ${answers ? '' : '-n '}-u ${as} -- ${inner}`;
    case 'su':
      return `su ${as} -c ${quote(`exec ${inner}`)}`;
    case 'pfexec':
      return `pfexec ${inner}`;
  }
}

/** Two words that a shell makes one of. */
function halves(nonce: string): string {
  return `${nonce.slice(0, 8)}""${nonce.slice(8)}`;
}

function userWord(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name)) {
    throw new HostFault('host.words-refused', `${JSON.stringify(name)} is not the name of a user.`);
  }
  return name;
}

/**
 * `rcl_pump N` copies N bytes of a terminal, which has no end of file. `head` of GNU and busybox counts bytes and is quick;
 * that of Solaris does not, and `dd` with longer blocks would count reads and not bytes.
 */
const PUMP = `rcl_pump() {
if test "x\`echo x | head -c 1 2>/dev/null\`" = xx; then head -c "$1"
elif perl -e 1 2>/dev/null; then perl -e "\\$n=shift;while(\\$n>0){\\$r=sysread(STDIN,\\$b,\\$n<8192?\\$n:8192)or exit 1;\\$n-=\\$r;print \\$b}" "$1"
else dd bs=1 count="$1" 2>/dev/null
fi
}
`;

/**
 * The home is that of the password database: sudo and su may keep the login's, and two logins must find the same lock. A session
 * of its own keeps the hang-up of a terminal, which sudo's use_pty makes too, from what the command leaves running.
 */
function innerLine(as: string, nonce: string, terminal: boolean): string {
  return [
    ...(terminal ? ['stty raw -echo'] : []),
    'rcl_inner=; LC_ALL=C; export LC_ALL',
    'PATH=$PATH:/usr/bin:/bin:/usr/sbin:/sbin; export PATH',
    `rcl_m="@"${halves(nonce)}`,
    `rcl_h=\`getent passwd ${as} 2>/dev/null\``,
    `case $rcl_h in *:*) :;; *) rcl_h=\`while read rcl_y; do case $rcl_y in ${as}:*) echo "$rcl_y";; esac; done </etc/passwd\`;; esac`,
    'HOME=`expr "x$rcl_h" : "[^:]*:[^:]*:[^:]*:[^:]*:[^:]*:\\([^:]*\\)"`',
    'export HOME; cd "$HOME" 2>/dev/null || cd /',
    'rcl_t=',
    'if setsid /bin/sh -c : </dev/null >/dev/null 2>&1; then rcl_t=setsid; else trap "" 1; fi',
    ...(terminal ? [oneLine(PUMP)] : []),
    `echo "$rcl_m - who"; id; echo "$rcl_m - name"; id ${as} 2>/dev/null; echo "$rcl_m - home"; echo "$HOME"`,
    ...(terminal ? [] : ['echo "$rcl_m - go" >&2']),
    'echo "$rcl_m - go"',
    `set x \`dd bs=1 count=${HEAD} 2>/dev/null\``,
    'test "x@$2" = "x$rcl_m" || exit 97',
    'rcl_l=$4; rcl_m="@"$5; rcl_c=`dd bs=1 count=$3 2>/dev/null`',
    terminal ? FRAMED : 'eval "$rcl_t $rcl_c"; exit $?',
  ].join('; ');
}

/**
 * Standard output goes through a pipe, so that no command finds a terminal; the errors follow it in a frame. A daemon that was
 * started may hold that pipe for years: what waits for its end is ended, where it is known to be in a group without the daemon.
 */
const FRAMED =
  '( exec 3>&1; rcl_e=`rcl_pump $rcl_l | ( eval "$rcl_t $rcl_c" ) 2>&1 >&3 3>&-`; rcl_x=$?; echo "$rcl_m - errors $rcl_x"; echo "$rcl_e"; echo "$rcl_m - end"; if test -n "$rcl_t"; then ( sleep 1; kill -15 0 ) </dev/null >/dev/null 2>&1 3>&- & fi ) | cat; exit 0';

/** What follows the inner shell's start: a head of a fixed length, the command, then its input. `end` is known to nobody on the host. */
export function sealed(command: string, input: Buffer, nonce: string, end: string): Buffer {
  const line = Buffer.from(command);
  const head = `${nonce} ${line.length} ${input.length} ${end}`.padEnd(HEAD);
  return Buffer.concat([Buffer.from(head), line, input]);
}
