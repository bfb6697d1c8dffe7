import { createHash } from 'node:crypto';
import type { FileReading, StartRecord } from '../../ports/host.ts';
import type { Fence } from './fence-script.ts';
import type { Frame } from './frames.ts';
import { HostFault } from './host-fault.ts';
import { fromPlainWord, plainWord, quote } from './shell-words.ts';
import { type Send, STATE_FOLDER, type StateScript } from './state-folder.ts';

/*
 * The record of a start is a file start-SERVICE in the folder of the host below ~/.reconcile: which processes a restart
 * started, and the SHA-256 of the files that they read. It is bound to those very processes: to the boot of the host, and to
 * their number together with the time they were started, which Linux counts from the boot (field 22 of /proc/PID/stat) and
 * other systems do not show; there the clock has to do.
 *
 *   reconcile start 1
 *   boot ID
 *   process PID STARTED BIRTH     STARTED in milliseconds by the host's clock, BIRTH in Linux's own count or -
 *   file SHA256 PATH
 *   end
 */

/** `rcl_boot` names the boot of the host; `rcl_birth` the start of a process, or `-`: the name before it may have blanks and brackets. */
const MARKS = `rcl_boot() {
  rcl_b=\`cat /proc/sys/kernel/random/boot_id 2>/dev/null\`
  case $rcl_b in '') rcl_b=\`who -b 2>/dev/null\`;; esac
  echo "boot $rcl_b"
}
rcl_birth() {
  rcl_q=$1
  rcl_q='/proc/'$rcl_q'/stat'
  if test -r "$rcl_q"; then
    rcl_ifs=$IFS; IFS=')'
    set x \`cat "$rcl_q" 2>/dev/null\`
    IFS=$rcl_ifs
    for rcl_e do :; done
    set x $rcl_e
    if test $# -gt 20; then shift 20; echo "$1"; return; fi
  fi
  echo -
}
`;

/**
 * Shows a record with how its processes are now. Only a plain file of this login that nobody else can write counts; whatever
 * is otherwise is no record.
 */
export const READ_RECORD: string = `${STATE_FOLDER}${MARKS}rcl_tidy() {
  :
}
rcl_mark_idle() {
  :
}
rcl_record() {
  rcl_w=$1
  (
    rcl_make=; rcl_none=
    rcl_place
    if test -n "$rcl_none"; then exit 0; fi
    rcl_r=$rcl_s/start-$rcl_w
    if test -h "$rcl_r"; then exit 0; fi
    if test -f "$rcl_r"; then :; else exit 0; fi
    set x \`ls -ln "$rcl_r"\`
    case $2 in -rw-------|-rw-------.) :;; *) exit 0;; esac
    if test "x$4" = "x$rcl_u"; then :; else exit 0; fi
    echo "$rcl_m $rcl_i record"
    cat "$rcl_r"
    echo "$rcl_m $rcl_i now"
    rcl_boot
    while read rcl_v rcl_e rcl_x; do
      case $rcl_e in ''|*[!0-9]*) rcl_v=;; esac
      case $rcl_v in process) rcl_b=\`rcl_birth $rcl_e\`; echo "process $rcl_e $rcl_b";; esac
    done < "$rcl_r"
  )
  echo "$rcl_m $rcl_i end"
}
`;

/** Asks for the record of a service. */
export function recordFragment(service: string): string {
  return `rcl_record ${quote(plainService(service))}`;
}

/** What a record says. */
interface RecordWords {
  readonly processes: readonly { readonly pid: number; readonly started: number }[];
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
}

/** Writes a record in the place of the last one: it is whole, or as it was. */
export function keepScript(service: string, { processes, files }: RecordWords, fence: Fence): StateScript {
  const lines = [
    ...processes.map(({ pid, started }) => `rcl_b=\`rcl_birth ${pid}\`; echo "process ${pid} ${started} $rcl_b"`),
    ...files.map(({ path, sha256 }) => `echo 'file ${sha256} ${plainWord(path)}'`),
  ];
  const body = `rcl_r=$rcl_s/start-${plainService(service)}
if test -d "$rcl_r"; then rcl_stop unwritable; fi
rcl_c=$rcl_s/record-$rcl_nonce
(
echo 'reconcile start 1'
rcl_boot
${lines.join('\n')}
echo end
) > "$rcl_c" || rcl_stop unwritable
rcl_e=\`cat "$rcl_c" | while read rcl_v rcl_x; do case $rcl_v in end) echo whole;; esac; done\`
case $rcl_e in whole) :;; *) rcl_stop unwritable;; esac
mv -f "$rcl_c" "$rcl_r" || rcl_stop unwritable
echo "$rcl_m - kept"`;
  const functions = `rcl_c=
rcl_tidy() {
  if test -n "$rcl_c"; then rm -f "$rcl_c"; fi
}
${MARKS}`;
  return { variables: {}, functions, body, make: true, fence, doing: 'recording the restart' };
}

function plainService(service: string): string {
  if (!/^[a-z0-9-]+$/.test(service)) {
    throw new HostFault('host.words-refused', `${JSON.stringify(service)} is not the name of a service.`);
  }
  return service;
}

/** Keeps a record on the host. Throws HostFault when it could not be written. */
export async function keepStart(
  service: string,
  processes: StartRecord['processes'],
  files: readonly FileReading[],
  fence: Fence,
  send: Send,
): Promise<void> {
  const sums = files.map(({ path, content }) => ({ path, sha256: sha256(content) }));
  await send(keepScript(service, { processes, files: sums }, fence));
}

/** Reads what a host said of a record; anything that is not whole, of another boot, or odd is no record. */
export function recordFrom(frames: readonly Frame[]): StartRecord | undefined {
  const kept = parseRecord(textOf(frames, 'record'));
  const now = parseMarks(textOf(frames, 'now'));
  if (!kept || !now || kept.boot !== now.boot) {
    return undefined;
  }
  const processes = kept.processes.map(({ pid, started, birth }) => {
    const known = birth === '-' || kept.boot === '' ? {} : { same: now.births.get(pid) === birth };
    return { pid, started, ...known };
  });
  return {
    processes,
    holds: ({ path, content }) => {
      const sum = kept.files.get(path);
      return sum === undefined ? undefined : sum === sha256(content);
    },
  };
}

interface KeptRecord {
  readonly boot: string;
  readonly processes: readonly { readonly pid: number; readonly started: number; readonly birth: string }[];
  readonly files: ReadonlyMap<string, string>;
}

function parseRecord(text: string): KeptRecord | undefined {
  const [head, boot, ...rest] = text.split('\n').map(line => line.trimEnd());
  if (head !== 'reconcile start 1' || !boot?.startsWith('boot ') || rest.pop() !== 'end') {
    return undefined;
  }
  const processes: { pid: number; started: number; birth: string }[] = [];
  const files = new Map<string, string>();
  for (const line of rest) {
    const process = /^process (\d{1,10}) (\d{1,15}) (\d{1,20}|-)$/.exec(line);
    const file = /^file ([0-9a-f]{64}) (\S+)$/.exec(line);
    const path = file ? fromPlainWord(file[2] ?? '?') : undefined;
    if (process) {
      processes.push({ pid: Number(process[1]), started: Number(process[2]), birth: process[3] ?? '-' });
    } else if (path === undefined) {
      return undefined;
    } else {
      files.set(path, file?.[1] ?? '');
    }
  }
  return { boot: words(boot), processes, files };
}

function parseMarks(text: string): { readonly boot: string; readonly births: ReadonlyMap<number, string> } | undefined {
  const [boot, ...lines] = text.split('\n');
  if (!boot?.startsWith('boot ')) {
    return undefined;
  }
  const births = lines.flatMap((line): (readonly [number, string])[] => {
    const match = /^process (\d+) (\d+|-)$/.exec(line.trimEnd());
    return match ? [[Number(match[1]), match[2] ?? '-']] : [];
  });
  return { boot: words(boot), births: new Map(births) };
}

/** What is behind the first word, with single blanks. */
function words(line: string): string {
  return line.trim().split(/\s+/).slice(1).join(' ');
}

function textOf(frames: readonly Frame[], word: string): string {
  return frames.find(frame => frame.word === word)?.body.toString('latin1') ?? '';
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
