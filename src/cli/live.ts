import { type Command, InvalidArgumentError, Option } from 'commander';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { Report } from '../core/report.ts';
import { known, parseDuration } from '../core/units.ts';
import type { Clock } from '../ports/clock.ts';
import { ageFinding } from '../snapshot/age.ts';
import { readSnapshot, type Snapshot, unusable } from '../snapshot/read.ts';
import { replayPorts } from '../snapshot/replay.ts';
import { unreadableFile } from './files.ts';
import type { Outside, ReadConnection } from './outside.ts';

/** The options that say what is planned from. */
export interface LiveOptions {
  /** A snapshot, instead of the servers. */
  readonly live?: string;
  readonly maxAge?: MostAge;
}

interface MostAge {
  readonly text: string;
  readonly milliseconds: number;
}

/** What is planned from, and what the plan says of it. */
export interface Live {
  open(state: DesiredState): Promise<ReadConnection>;
  /** Says when it was read. */
  readonly clock: Clock;
  readonly report: Pick<Extract<Report, { readonly command: 'plan' | 'check' | 'drift' }>, 'snapshot'>;
}

/** Old enough for a long weekend; a reading older than that is of another estate. */
const usually: MostAge = { text: '7d', milliseconds: known(parseDuration, '7d') };

/** Gives a command the options to plan from a snapshot. */
export function addLiveOptions(command: Command): Command {
  return command
    .addOption(new Option('--live <file>', 'plan from a snapshot: opens no connection and needs no credentials'))
    .addOption(
      new Option('--max-age <age>', 'with --live: how old it may be, such as 12h or 7d')
        .argParser(mostAge)
        .default(usually, usually.text),
    );
}

function mostAge(text: string): MostAge {
  const milliseconds = parseDuration(text);
  if (milliseconds) return { text, milliseconds };
  throw new InvalidArgumentError('It is a number with s, m, h or d behind it: 90m, 12h, 7d.');
}

/** The estate itself, or the snapshot that is named; or why that cannot be planned from. */
export async function openLive(
  { live: file, maxAge = usually }: LiveOptions,
  outside: Outside,
): Promise<Live | Finding> {
  if (file === undefined)
    return { open: state => outside.connect(state, outside.environment), clock: outside.clock, report: {} };
  const snapshot = await loadSnapshot(file, outside);
  if ('code' in snapshot) return snapshot;
  const { takenAt } = snapshot.head;
  const old = ageFinding(file, snapshot.head, { now: outside.clock.now(), most: maxAge });
  if (old) return old;
  return {
    open: async state => ({ ports: replayPorts(snapshot, state), close: async () => {} }),
    clock: { now: () => takenAt },
    report: { snapshot: { file, takenAt } },
  };
}

async function loadSnapshot(file: string, outside: Outside): Promise<Snapshot | Finding> {
  try {
    return await readSnapshot(file, outside.readPacked(file), outside.readSchema('snapshot'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return code.startsWith('Z_')
      ? unusable(file, 'it is cut off, or not packed with gzip at all')
      : unreadableFile(file, error);
  }
}

/** Why a plan that was made from a snapshot is not saved for an apply. */
export function notForApply(file: string, saveTo: string): Finding {
  return {
    severity: 'error',
    code: 'snapshot.not-for-apply',
    summary: 'A plan from a snapshot is not for an apply',
    detail: `${file} is to be looked at and not carried out: it tells what the servers were, without their secrets, and a person who can change it can make a plan look harmless.\nA report of it is written by --report. Plan from the servers, where there are credentials:`,
    next: [nextCommands.plan(saveTo)],
    where: { file, line: 1 },
  };
}
