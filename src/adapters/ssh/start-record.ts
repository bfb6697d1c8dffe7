import { createHash } from 'node:crypto';
import type { FileReading, StartRecord } from '../../ports/host.ts';
import type { Fence } from './fence-script.ts';
import type { Frame } from './frames.ts';
import { fromPlainWord } from './plain-words.ts';
import { keepScript } from './start-record-script.ts';
import type { Send } from './state-folder.ts';

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
