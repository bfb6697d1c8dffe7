import { printable } from '../../core/printable.ts';
import type { Command, CommandResult, FileReading } from '../../ports/host.ts';
import { bodyLines, type Frame } from './frames.ts';
import { HostFault, quoteHost } from './host-fault.ts';
import { cksum, joinPath, splitPath } from './shell-words.ts';

/** A line of `ls -ln` with a full time. */
export interface ListLine {
  readonly mode: string;
  readonly owner: string;
  /** Milliseconds since 1970, with the fraction that the host gave. */
  readonly modified: number;
  readonly name: string;
}

const LINE =
  /^([-dlpsbcD][-rwxsStTlL]{9}\S?)\s+\d+\s+(\d+)\s+(\d+)\s+\d+\s+(\d{4})-(\d\d)-(\d\d)\s+(\d\d):(\d\d):(\d\d)(\.\d+)?\s+(?:([+-])(\d\d)(\d\d)\s+)?(.*)$/s;

/** Reads a line; nothing when it is not of that form. Without a zone it is UTC, which the scripts ask for. */
export function parseListLine(line: string): ListLine | undefined {
  const match = LINE.exec(line);
  if (!match) {
    return undefined;
  }
  const [, mode = '', user, group, year, month, day, hour, minute, second, fraction, sign, zoneHour, zoneMinute] =
    match;
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const offset = (Number(zoneHour ?? 0) * 60 + Number(zoneMinute ?? 0)) * (sign === '-' ? -60_000 : 60_000);
  const modified = local - offset + Number(`0${fraction ?? ''}`) * 1000;
  return { mode, owner: `${user}:${group}`, modified, name: match[14] ?? '' };
}

const NAMED = /^([-dlpsbcD][-rwxsStTlL]{9}\S?)\s+\d+\s+(\d+)\s+(\d+)\s/;

/** Reads mode and owner alone, which stand in every line of `ls -ln`. */
function parseRights(line: string): Pick<ListLine, 'mode' | 'owner'> | undefined {
  const [, mode, user, group] = NAMED.exec(line) ?? [];
  return mode === undefined ? undefined : { mode, owner: `${user}:${group}` };
}

/** Reads what `date -u '+%Y%m%d%H%M%S'` prints. */
export function parseClock(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text.trim());
  if (!match) {
    return undefined;
  }
  const [year = 0, month = 0, day, hour, minute, second] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

const REFUSALS: Readonly<Record<string, string>> = {
  folder: 'it is a folder.',
  special: 'it is a pipe or a device.',
  dangling: 'it is a symbolic link to something that is missing or cannot be reached.',
  hidden: 'this user cannot search a folder in its path, so it is not known whether the file exists.',
  unreadable: 'this user may not read it.',
};

/** The reading of a file, `missing`, or `torn` when it changed meanwhile and is to be read again. */
export function fileFrom(path: string, frames: readonly Frame[], errors: string): FileReading | 'missing' | 'torn' {
  const [head, data, end, times] = frames;
  if (head?.word === 'missing') {
    return 'missing';
  }
  if (head?.word === 'refused') {
    throw unreadable(path, REFUSALS[head.rest] ?? head.rest);
  }
  if (head?.word !== 'file' || data?.word !== 'data' || end?.word !== 'end') {
    throw unreadable(path, `the host gave an incomplete answer.\n${quoteHost(errors)}`);
  }
  return readingFrom(path, head, data.body, end, timesFrom(head, times), errors);
}

interface FileTimes {
  readonly modified: number;
  readonly changed?: number;
}

/** What is not known of the change time costs only that. */
function timesFrom(head: Frame, times: Frame | undefined): FileTimes | undefined {
  const [said = ''] = bodyLines(times);
  const [, modified, changed] = /^times (\d{1,15}) (\d{1,15})$/.exec(said) ?? [];
  if (modified !== undefined) {
    return { modified: Number(modified) * 1000, changed: Number(changed) * 1000 };
  }
  const line = parseListLine(bodyLines(head)[1] ?? '');
  const change = parseListLine(said);
  return line && { modified: line.modified, ...(change && { changed: change.modified }) };
}

function readingFrom(
  path: string,
  head: Frame,
  content: Buffer,
  end: Frame,
  times: FileTimes | undefined,
  errors: string,
): FileReading | 'torn' {
  const lines = bodyLines(head);
  const [folder = '', listed = ''] = lines;
  const before = sumOf(lines[2]);
  const after = sumOf(bodyLines(end)[0]);
  const line = parseRights(listed);
  if (lines.length === 3 && !(line && times)) {
    const remedy = 'None of "ls -E", "ls --full-time" and perl gives a full time there.';
    throw new HostFault(
      'host.unexpected-output',
      `${printable(path)} cannot be listed.\n${remedy}\n${quoteHost(listed)}`,
    );
  }
  if (!line || !times || !folder.startsWith('/') || before === undefined || after === undefined) {
    throw unreadable(path, `the host said\n${quoteHost(errors || head.body)}`);
  }
  const sum = cksum(content);
  if (before !== sum || after !== sum) {
    return 'torn';
  }
  const { mode, owner } = line;
  const link = head.rest === 'link';
  return { asked: path, path: joinPath(folder, splitPath(path).base), content, ...times, owner, mode, link };
}

/** Solaris prints tabs, and a name may follow. */
function sumOf(line: string | undefined): string | undefined {
  const match = /^(\d+)\s+(\d+)/.exec(line ?? '');
  return match ? `${match[1]} ${match[2]}` : undefined;
}

function unreadable(path: string, why: string): HostFault {
  return new HostFault(
    'host.file-unreadable',
    `${printable(path)}: ${why}\nAn unreadable file is not a missing file, and reconcile does not plan on a guess.`,
  );
}

/** The code that shells have for a command that SIGTERM has ended. */
const ENDED = 143;

/** What a command did; `late`, where it was ended after so many milliseconds. */
export function commandFrom(command: Command, frames: readonly Frame[], late?: number): CommandResult {
  const [head, end] = frames;
  if (head?.word === 'absent') {
    return { state: 'absent' };
  }
  if (head?.word === 'unusable') {
    const folder = command.directories?.[Number(head.rest)];
    const place = folder === undefined ? '' : ` in ${printable(folder)}`;
    const why = 'this user may not execute it, or may not search the folder.';
    throw new HostFault('host.command-unusable', `${describeCommand(command)}${place}: ${why}`);
  }
  const directory = command.directories?.[Number(head?.rest)];
  const found = directory !== undefined && { directory };
  if (head?.word === 'run' && late !== undefined) {
    return { state: 'ran', code: ENDED, output: head.body.toString(), late, ...found };
  }
  if (head?.word !== 'run' || end?.word !== 'code' || !/^\d+$/.test(end.rest)) {
    const said = quoteHost(head?.body ?? '');
    throw new HostFault('host.unexpected-output', `${describeCommand(command)} gave an incomplete answer.\n${said}`);
  }
  return { state: 'ran', code: Number(end.rest), output: head.body.toString(), ...found };
}

/** The host's clock. */
export function clockFrom(frames: readonly Frame[]): number {
  const clock = parseClock(bodyLines(frames[0])[0] ?? '');
  if (clock === undefined) {
    const said = quoteHost(frames[0]?.body ?? '');
    throw new HostFault('host.unexpected-output', `the clock cannot be read: "date -u" printed\n${said}`);
  }
  return clock;
}

/** A command for a message. */
export function describeCommand(command: Command): string {
  return printable(command.words.join(' '));
}
