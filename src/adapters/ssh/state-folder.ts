import { printable } from '../../core/printable.ts';
import { type Fence, FenceRefused, fenceFunctions, fenceRefusal, HOST_FOLDER } from './fence-script.ts';
import type { Frame } from './frames.ts';
import { bodyLines, createNonce, parseFrames } from './frames.ts';
import { HostFault, quoteHost } from './host-fault.ts';
import type { Link } from './link.ts';
import { ME } from './own-folder.ts';
import { quote } from './shell-words.ts';
import { type TripRequest, travel, tripFault } from './trip.ts';
import { LIST, wholeScript } from './whole-script.ts';

/*
 * What must outlast a connection stands on the host in ~/.reconcile, which only this login can write. Below it every host
 * has a folder of its own: where homes are shared over the network, one host's lock must not keep out another one's run.
 */

/**
 * Names the folder `rcl_s`, makes it when it is asked to, and refuses it unless it is a folder of this user that nobody else
 * can write: what stands there is believed. `rcl_below` goes on to further folders in the same way. Who only looks changes nothing. It is known by its name, so its parent must be one
 * that nobody else can rename it in: the home folder is root's or that of this login, and not open to all.
 */
export const STATE_FOLDER: string = `${ME}${HOST_FOLDER}rcl_stop() {
  rcl_tidy
  rcl_mark_idle
  trap 0
  echo "$rcl_m $rcl_i stop $1"
  echo "$rcl_s"
  exit 20
}
rcl_private() {
  if test -h "$rcl_s"; then rcl_stop link; fi
  if test -d "$rcl_s"; then :; else rcl_stop folder; fi
  set x \`ls -ldn "$rcl_s"\`
  if test "x$4" = "x$rcl_u"; then :; else rcl_stop foreign; fi
  case $2 in
  drwx------|drwx------.) return;;
  d????-??-?*) if test -n "$rcl_make"; then chmod 700 "$rcl_s" || rcl_stop folder; fi;;
  *) rcl_stop open;;
  esac
}
rcl_place() {
  case $HOME in /*) :;; *) rcl_stop home;; esac
  if test -d "$HOME"; then :; else rcl_stop home; fi
  rcl_me
  case $rcl_u in ''|*[!0-9]*) rcl_stop user;; esac
  set x \`ls -ldn "$HOME/."\`
  case $4 in 0|$rcl_u) :;; *) rcl_stop foreign-home;; esac
  case $2 in d???????w[x-]*) rcl_stop open-home;; esac
  rcl_state
  rcl_below "$HOME/.reconcile" "$rcl_s"
}
rcl_below() {
  for rcl_d do
    rcl_s=$rcl_d
    if test -d "$rcl_s"; then :
    elif test -h "$rcl_s"; then rcl_stop link
    elif test -f "$rcl_s"; then rcl_stop folder
    elif test -z "$rcl_make"; then rcl_none=1; return
    else mkdir "$rcl_s"
    fi
    rcl_private
  done
}
`;

const REFUSALS: Readonly<Record<string, string>> = {
  home: 'the login has no home folder there.',
  'foreign-home': 'the home folder of the login belongs to another user, who could replace ~/.reconcile.',
  'open-home': 'the home folder of the login can be written by every user.',
  user: '"id" does not show the user of the login.',
  link: 'FOLDER is a symbolic link.',
  folder: 'FOLDER is not a folder, or cannot be made.',
  foreign: 'FOLDER belongs to another user.',
  open: 'FOLDER can be written by others.',
  unwritable: 'nothing can be written in FOLDER.',
  transfer: 'the records did not arrive whole. Nothing was kept of them.',
  'odd-part': 'a folder has the name of a record.',
  odd: '"lock" below ~/.reconcile is not a folder.',
};

/** A script that works in the folder. */
export interface StateScript {
  /** Variables, `rcl_` before their names; the values are quoted here. */
  readonly variables: Readonly<Record<string, string>>;
  readonly functions: string;
  readonly body: string;
  /** The folder is made when it is missing; else the script prints nothing but `none`. */
  readonly make: boolean;
  /** It changes the host: for the holder of the lock only. */
  readonly fence?: Fence;
  /** It leaves a process running. */
  readonly leaving?: boolean;
  /** What the body finds on its standard input, which else is empty. */
  readonly data?: Buffer;
  /** For messages. */
  readonly doing: string;
  /** What the reasons of the script itself mean, as whole faults. */
  readonly refusal?: (reason: string, errors: string) => HostFault | undefined;
}

/** How long a trip may take, in milliseconds, and how much it may bring. */
export type TripLimits = Pick<TripRequest, 'wait' | 'limit'>;

/** Runs such scripts. */
export type Send = (script: StateScript) => Promise<readonly Frame[]>;

/** The text of a script. The variable `nonce` names what it puts into the folder for a moment. */
export function stateScript(script: StateScript, nonce: string): string {
  const variables = { nonce, i: '-', make: script.make ? '1' : '', none: '', ...script.variables };
  const assignments = Object.entries(variables).map(([name, value]) => `rcl_${name}=${quote(value)}\n`);
  const body = `rcl_um=\`umask\`
umask 077
trap 'rcl_tidy; rcl_mark_idle' 0
trap 'exit 29' 1 2 13 15
rcl_place
if test -n "$rcl_none"; then echo "$rcl_m - none"; else
rcl_mark_busy
${script.body}
fi
rcl_tidy
rcl_mark_idle
trap 0`;
  const fence = fenceFunctions(script.fence ?? { mark: '' });
  const functions = assignments.join('') + LIST + fence + STATE_FOLDER + script.functions;
  return wholeScript(functions, body, nonce, script.data ? 'data' : script.leaving ? 'left' : 'empty');
}

/** How such a text is run, and its standard input: with data, the script stands before it. */
function callOf({ data, fence }: StateScript, text: Buffer): Pick<TripRequest, 'call' | 'input'> {
  const mark = fence && { mark: fence.mark };
  if (data) return { call: { ...mark, leads: text.length }, input: Buffer.concat([text, data]) };
  return { call: { ...mark }, input: text };
}

/** Runs a script on a host. What it says must be whole, else nothing of it counts. */
export async function sendScript(link: Link, script: StateScript, limits: TripLimits): Promise<readonly Frame[]> {
  const nonce = createNonce();
  const request = { ...callOf(script, Buffer.from(stateScript(script, nonce))), nonce, ...limits };
  const trip = await travel(link, request);
  const frames = parseFrames(trip.output, nonce);
  const refusal = fenceRefusal(frames);
  if (refusal) {
    throw new FenceRefused(refusal);
  }
  const stop = frames.find(frame => frame.word === 'stop');
  if (stop) {
    throw script.refusal?.(stop.rest, trip.errors) ?? folderRefusal(stop, script.doing, trip.errors);
  }
  if (trip.state !== 'whole') {
    throw tripFault(link, trip, request, script.doing);
  }
  return frames.filter(frame => frame.word !== 'start' && frame.word !== 'done');
}

/** Why the folder cannot be used. `doing` says what was under way, `errors` is what the host said. */
export function folderRefusal(stop: Frame, doing: string, errors: string): HostFault {
  const [folder = ''] = bodyLines(stop);
  const why = (REFUSALS[stop.rest] ?? printable(stop.rest)).replace('FOLDER', () =>
    printable(folder || '~/.reconcile'),
  );
  const said = errors === '' ? '' : `\n${quoteHost(errors)}`;
  const remedy =
    'Locks, watchdogs and records of runs are kept in that folder of the login. Only this login may be able to write there.';
  return new HostFault('host.state-folder', `${doing}: ${why}\n${remedy}${said}`);
}
