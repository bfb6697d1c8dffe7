import { printable } from '../../core/printable.ts';
import { HostFault, quoteHost } from './fault.ts';
import { bodyLines, type Frame } from './frames.ts';
import { type ListLine, parseClock, parseListLine } from './list-line.ts';
import { type ReplaceNames, STOPS, type Stop } from './replace-script.ts';

/** What the first trip of a replacement found in the folder; ages in milliseconds, by the host's own clock. */
export interface FolderReport {
  readonly lock?: { readonly age: number; readonly holder: string };
  readonly temporary: readonly { readonly path: string; readonly age: number }[];
}

/** Reads that report. */
export function folderReport(frames: readonly Frame[], names: ReplaceNames): FolderReport {
  const find = (word: string) => frames.find(frame => frame.word === word);
  const now = parseClock(bodyLines(find('clock'))[0] ?? '');
  const list = (word: string) => bodyLines(find(word)).flatMap(line => parseListLine(line) ?? []);
  const age = (line: ListLine) => (now === undefined ? 0 : now - line.modified);
  const temporary = list('temporary').flatMap(line => {
    const end = line.name.split('.reconcile-new.').at(-1) ?? '';
    return /^[0-9a-f]+$/.test(end) ? [{ path: names.temporaryStart + end, age: age(line) }] : [];
  });
  const held = list('lock')[0];
  const holder = bodyLines(find('holder'))[0] ?? '';
  return { temporary, ...(held && { lock: { age: age(held), holder } }) };
}

/** Why a script gave up, if it did. */
export function stopFrom(frames: readonly Frame[]): Stop | undefined {
  const word = frames.find(frame => frame.word === 'stop')?.rest;
  return Object.keys(STOPS).find((name): name is Stop => name === word);
}

/** The same as a fault; `errors` is what the tools of the host said. */
export function stopFault(stop: Stop, names: ReplaceNames, report: FolderReport, errors: string): HostFault {
  const file = printable(names.file);
  switch (stop) {
    case 'gone':
    case 'changed':
      return new HostFault(
        'host.file-changed',
        `${file} ${CHANGES[stop]}\nNothing was written. Plan again and look at what changed.`,
      );
    case 'link':
      return new HostFault(
        'host.file-link',
        `${file} is a symbolic link; replacing it would cut the link.\nName the file itself.`,
      );
    case 'locked':
      return lockedFault(names, report);
    default:
      return new HostFault('host.file-not-written', `${file}: ${REASONS[stop]}\n${quoteHost(errors)}`.trimEnd());
  }
}

const CHANGES = {
  gone: 'is gone or no longer a plain file.',
  changed: 'has other content than when it was read.',
} as const;

const REASONS: Readonly<Record<Exclude<Stop, 'gone' | 'changed' | 'link' | 'locked'>, string>> = {
  upload: 'the new content could not be put beside it. The file is as it was.',
  lock: 'the lock beside it could not be made. The file is as it was.',
  transfer: 'the new content did not arrive whole. The file is as it was.',
  backup: 'the backup beside it could not be made. The file is as it was.',
  attributes:
    'this user cannot give the new file the same owner and mode; log in as its owner or as root. The file is as it was.',
  rename: 'the new content could not take its place. The file is as it was.',
  signal: 'the script was ended from outside. The file is whole, but look whether it is the old one or the new one.',
  readback: 'the file was written but has other content now: someone else writes it at the same time.',
};

function lockedFault(names: ReplaceNames, report: FolderReport): HostFault {
  const held = report.lock;
  const age = held ? `, ${Math.max(0, Math.round(held.age / 1000))} s ago` : '';
  const holder = held?.holder ? `: ${printable(held.holder)}${age}` : '';
  const lines = [
    `${printable(names.file)} is being written by another run${holder}.`,
    'Nothing was written. A lock that is older than ten minutes is taken over. When that run is dead for certain, remove it there:',
    `    rm -r '${printable(names.lock).replaceAll("'", "'\\''")}'`,
  ];
  return new HostFault('host.file-locked', lines.join('\n'));
}
