import type { Frame } from './frames.ts';
import { createNonce } from './frames.ts';
import { HostFault } from './host-fault.ts';
import { quote } from './shell-words.ts';

/*
 * Looking at a lock and then writing would be no fence: the lock can be taken in between. So each script that changes a host
 * takes its own lock along: it renames beat-IDENTITY to busy-IDENTITY-MARK before the first write and back after the last one.
 * Whoever takes a lock away takes the beat by a rename too, so only one of them has it.
 *
 * The mark is an argument of the script's shell: a process that has it is that script. A number of a process could be another one's
 * by now. Subshells have it too, so it lives as long as the command that a script has started.
 *
 * A line `# step NAME` names a step of the protocol, as test/protocol/lock.pml does.
 */

/** What a script shows for the right to write. */
export interface Fence {
  /** The identity of the holder; absent where no lock was taken, and the script writes without one. */
  readonly own?: string;
  /** Tells this script from all others, also by the list of processes. */
  readonly mark: string;
}

/** A fence for one script; `mark` is that of the shell which waits for it, where one does. */
export function makeFence(own: string | undefined, mark = createNonce()): Fence {
  return { mark, ...(own !== undefined && { own }) };
}

/** Names the folder of this host below ~/.reconcile: `rcl_s`. */
export const HOST_FOLDER = `rcl_state() {
  rcl_h=\`uname -n\`
  case $rcl_h in ''|.*|*/*) rcl_h=host;; esac
  rcl_s=$HOME/.reconcile/$rcl_h
}
`;

/** Whether a script is still at work, and whether a watchdog is. Where the processes cannot be listed, nobody is taken for dead. */
export const LIVES = `rcl_lives() {
  case $1 in ''|*[!0-9a-f]*) return 1;; esac
  rcl_x=\`{ ps -e -o args || ps -o args; } 2>/dev/null\`
  case $rcl_x in ''|*reconcile-$1*) return 0;; esac
  return 1
}
rcl_runs() {
  rcl_x=\`cat "$1/mark" 2>/dev/null\`
  rcl_lives "$rcl_x"
}
rcl_acting() {
  for rcl_o in "$rcl_s"/watch-*; do
    if test -f "$rcl_o/acting"; then
      if rcl_runs "$rcl_o"; then return 0; fi
    fi
  done
  return 1
}
rcl_mark_of() {
  rcl_x=\`expr "x$1" : '.*-\\([0-9a-f]*\\)$'\`
}
`;

/**
 * `rcl_mark_busy` before the first write, `rcl_mark_idle` after the last one and at every other end. An earlier script of this run may
 * still be at work, because its answer was lost: it is waited for; one that was killed is made good.
 */
const FENCE = `${HOST_FOLDER}${LIVES}rcl_marked=
rcl_refuse() {
  echo "$rcl_m - fence $1"
  exit 31
}
rcl_mark_busy() {
  rcl_state
  rcl_lockdir=$rcl_s/lock
  rcl_busy=$rcl_lockdir/busy-$rcl_id-$rcl_mark
  rcl_missing=
  rcl_why=busy
  for rcl_e in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    # step enter
    if mv -f "$rcl_lockdir/beat-$rcl_id" "$rcl_busy" 2>/dev/null; then
      rcl_marked=1
      touch -c "$rcl_busy"
      # step yield
      if rcl_acting; then rcl_mark_idle; rcl_refuse acting; fi
      return
    fi
    rcl_seen=
    for rcl_b in "$rcl_lockdir/busy-$rcl_id-"*; do
      if test -f "$rcl_b"; then
        rcl_seen=1
        rcl_mark_of "$rcl_b"
        # step revive
        rcl_lives "$rcl_x" || mv -f "$rcl_b" "$rcl_lockdir/beat-$rcl_id" 2>/dev/null
      fi
    done
    rcl_why=busy
    if test -f "$rcl_lockdir/beat-$rcl_id"; then rcl_seen=1; rcl_why=unwritable; fi
    if test -n "$rcl_seen"; then sleep 1
    elif test -n "$rcl_missing"; then rcl_refuse lost
    else rcl_missing=1
    fi
  done
  rcl_refuse $rcl_why
}
rcl_mark_idle() {
  if test -n "$rcl_marked"; then
    rcl_marked=
    touch -c "$rcl_busy"
    # step leave
    mv -f "$rcl_busy" "$rcl_lockdir/beat-$rcl_id"
  fi
}
`;

const NO_FENCE = `rcl_mark_busy() {
  :
}
rcl_mark_idle() {
  :
}
`;

/** The functions `rcl_mark_busy` and `rcl_mark_idle`, with what they need to know; without a lock they do nothing. */
export function fenceFunctions({ own, mark }: Fence): string {
  return own === undefined ? NO_FENCE : `rcl_id=${quote(own)}\nrcl_mark=${quote(mark)}\n${FENCE}`;
}

/** Around the body of a script that has no ends of its own. */
export function fencedBody(body: string): string {
  return `trap 'rcl_mark_idle' 0
trap 'exit 29' 1 2 13 15
rcl_mark_busy
${body}
rcl_mark_idle
trap 0`;
}

/** Why a script has written nothing. */
export type FenceRefusal = 'lost' | 'busy' | 'acting' | 'unwritable';

/** Whether the fence kept a script from writing; the caller finds out who has the lock. */
export function fenceRefusal(frames: readonly Frame[]): FenceRefusal | undefined {
  const rest = frames.find(frame => frame.request === '-' && frame.word === 'fence')?.rest;
  return (['lost', 'busy', 'acting', 'unwritable'] as const).find(why => why === rest);
}

/** Thrown where a fence refused; becomes a HostFault once it is known who has the lock. */
export class FenceRefused extends HostFault {
  readonly why: FenceRefusal;

  constructor(why: FenceRefusal) {
    super(why === 'lost' ? 'host.lock-lost' : 'host.still-at-work', FENCE_REASONS[why]);
    this.name = 'FenceRefused';
    this.why = why;
  }
}

const FENCE_REASONS: Readonly<Record<FenceRefusal, string>> = {
  lost: 'the lock is no longer that of this run. Nothing was written.',
  busy: 'an earlier command of this run is still at work there. Nothing was written.',
  acting: 'the watchdog of this run is putting the host back. Nothing was written.',
  unwritable: 'the folder ~/.reconcile there cannot be written any more. Nothing was written.',
};
