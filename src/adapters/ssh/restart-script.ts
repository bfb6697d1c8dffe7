import type { RestartOutcome, ServiceRestart } from '../../ports/host.ts';
import type { Frame } from './frames.ts';
import { HostFault } from './host-fault.ts';
import { commandFrom, describeCommand } from './read-answer.ts';
import { commandFragment, plainRun } from './read-script.ts';
import { quote } from './shell-words.ts';

/*
 * Between the end of the old processes and the start nothing is asked of anybody: this is the time in which users are without their
 * server. Whether the old processes are gone is told by their numbers alone; an empty list shows none of them gone. The words of a
 * process may hold anything, also a line end, so they say only that a process has ended and was not yet reaped.
 *
 * Once the stop has begun, the loss of the connection ends the script no longer: the server would stay down. So what the stop
 * prints goes to a file first, because a command that prints where nothing listens is ended. The file has no name any more, so that
 * nothing of it is left where the script is killed; the start prints nowhere where that is
 * known by then.
 */

const HELD_OUTPUT = `rcl_out=
if test -n "$rcl_lockdir"; then
  rcl_out=$rcl_lockdir/../restart.output
  if ( : > "$rcl_out" ) 2>/dev/null; then exec 3>&1 1>"$rcl_out" 4<"$rcl_out"; rm -f "$rcl_out"; else rcl_out=; fi
fi
`;

const SHOWN_OUTPUT = `
if test -n "$rcl_out"; then
  exec 1>&3 3>&-
  cat <&4
  exec 4<&-
fi`;

/** Tenths of a second are counted in `rcl_c`. Solaris has no `sleep` with a fraction; where perl is missing too it takes a second. */
const NAP = `rcl_nap() {
  if sleep 0.1 2>/dev/null; then rcl_e=1
  elif perl -e 'select(undef,undef,undef,0.1)' 2>/dev/null; then rcl_e=1
  else sleep 1; rcl_e=10
  fi
  rcl_c=\`expr "$rcl_c" - "$rcl_e"\`
}
`;

/**
 * `rcl_left` says whether something of the old server is left, and sets `rcl_who` to what. A process of one of its names that was not
 * there before may be a late child: it is waited for too, unless others run beside, which may have started it.
 */
const LEFT = `rcl_ended_only() {
  rcl_x=\`{ ps -e -o pid -o args || ps -o pid,args; } 2>/dev/null | while read rcl_p rcl_w; do
    if test "x$rcl_p" = "x$1"; then
      case $rcl_w in *'<defunct>'*|'['*']') echo ended;; *) echo alive;; esac
    fi
  done\`
  test "x$rcl_x" = xended
}
rcl_left() {
  rcl_who=
  rcl_read=
  for rcl_p in \`{ ps -e -o pid || ps -o pid; } 2>/dev/null\`; do
    case $rcl_p in *[!0-9]*) :;; *) rcl_read=1;; esac
    case " $rcl_old " in
    *" $rcl_p "*) if rcl_ended_only "$rcl_p"; then :; else rcl_who="$rcl_who $rcl_p"; fi;;
    esac
  done
  if test -z "$rcl_read"; then rcl_who=unknown; return 0; fi
  if test -n "$rcl_who"; then return 0; fi
  rcl_who=\`rcl_late\`
  rcl_who=\`echo $rcl_who\`
  if test -n "$rcl_who" && test -n "$rcl_beside"; then rcl_c=0; fi
  test -n "$rcl_who"
}
`;

/** Prints the numbers of processes of these names that are not known. Busybox shows `{program} name` for a process with another name. */
function lateFunction(names: readonly string[]): string {
  if (names.some(name => !/^[A-Za-z0-9._-]+$/.test(name))) {
    throw new HostFault('host.words-refused', 'the name of a process that is looked for has odd characters.');
  }
  const patterns = names.flatMap(name => [name, `*/${name}`]).join('|');
  if (patterns === '') return 'rcl_late() {\n  :\n}\n';
  return `rcl_late() {
  { ps -e -o pid -o args || ps -o pid,args; } 2>/dev/null | while read rcl_p rcl_w rcl_v rcl_y; do
    case $rcl_w in '{'*'}') rcl_w=$rcl_v;; esac
    case $rcl_w in
    ${patterns})
      case " $rcl_beside " in *" $rcl_p "*) :;; *)
        case " $rcl_v $rcl_y" in *'<defunct>'*) :;; *) echo "$rcl_p";; esac;;
      esac;;
    esac
  done
}
`;
}

function statusLeft(status: NonNullable<ServiceRestart['status']>): string {
  return `rcl_left() {
  rcl_who=status
  ${plainRun(status)} >/dev/null 2>&1
}
`;
}

/** Two requests of one script: the stop, then the start as soon as nothing of the old server is left. */
export function restartFragments(
  restart: ServiceRestart,
): readonly { readonly text: string; readonly label: string }[] {
  const { stop, start } = restart;
  return [
    {
      text: `rcl_ended=\ntrap : 1 13\n${HELD_OUTPUT}${commandFragment(stop)}${SHOWN_OUTPUT}`,
      label: describeCommand(stop),
    },
    { text: startLines(restart), label: describeCommand(start) },
  ];
}

function startLines({ start, status, processes, names, beside, patience }: ServiceRestart): string {
  const variables = { old: processes.join(' '), beside: beside.join(' ') };
  const assignments = Object.entries(variables).map(([name, value]) => `rcl_${name}=${quote(value)}\n`);
  const tenths = (milliseconds: number) => Math.ceil(milliseconds / 100);
  return `${assignments.join('')}${NAP}${status ? statusLeft(status) : lateFunction(names) + LEFT}case $rcl_ended in
'') rcl_c=-1;;
0) rcl_c=${tenths(patience.stopped)};;
*) rcl_c=${tenths(patience.failed)};;
esac
rcl_who=stop
while test "$rcl_c" -ge 0; do
  if rcl_left; then :; else rcl_who=; break; fi
  if test "$rcl_c" -le 0; then break; fi
  rcl_nap
done
if test -z "$rcl_who"; then
if echo "$rcl_m $rcl_i gone" 2>/dev/null; then :; else exec 1>/dev/null; fi
${commandFragment(start)}
else echo "$rcl_m $rcl_i left $rcl_who"
fi
trap 'exit 29' 1 13`;
}

/** What became of it, by the frames of the two requests. */
export function restartFrom(
  { stop, start }: ServiceRestart,
  stopped: readonly Frame[],
  started: readonly Frame[],
): RestartOutcome {
  const said = commandFrom(stop, stopped);
  const ends = started.filter(({ word }) => word !== 'gone');
  return ends[0]?.word === 'left' ? { stop: said } : { stop: said, start: commandFrom(start, ends) };
}
