import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { PlanReport } from '../core/report.ts';
import { known, parseDuration } from '../core/units.ts';
import { finding } from '../findings/catalogue.ts';
import type { Clock } from '../ports/clock.ts';
import type { ReadConnection } from '../ports/connections.ts';
import { ageFinding } from '../snapshot/age.ts';
import { readSnapshot, type Snapshot, unusable } from '../snapshot/read.ts';
import { replayPorts } from '../snapshot/replay.ts';
import type { ReadContext } from './context.ts';
import { unreadableFile } from './files.ts';
import { toRead } from './open-estate.ts';

/** What is planned from. */
export interface SourceRequest {
  /** A snapshot, instead of the servers. */
  readonly live?: string;
  readonly maxAge?: SnapshotAge;
}

/** How old a snapshot may be, as it was written and in milliseconds. */
export interface SnapshotAge {
  readonly text: string;
  readonly milliseconds: number;
}

/** What is planned from, and what the plan says of it. */
export interface PlanSource {
  open(state: DesiredState): Promise<ReadConnection>;
  /** Says when it was read. */
  readonly clock: Clock;
  readonly report: Pick<Exclude<PlanReport, { readonly command: 'apply' | 'undo' }>, 'snapshot'>;
}

/** Old enough for a long weekend; a reading older than that is of another estate. */
export const usualAge: SnapshotAge = { text: '7d', milliseconds: known(parseDuration, '7d') };

/** The estate itself, or the snapshot that is named; or why that cannot be planned from. */
export async function openSource(
  { live: file, maxAge = usualAge }: SourceRequest,
  context: ReadContext,
): Promise<PlanSource | Finding> {
  if (file === undefined) return { open: toRead(context), clock: context.clock, report: {} };
  const snapshot = await loadSnapshot(file, context);
  if ('code' in snapshot) return snapshot;
  const { takenAt } = snapshot.head;
  const old = ageFinding(file, snapshot.head, { now: context.clock.now(), most: maxAge });
  if (old) return old;
  return {
    open: async state => ({ ports: replayPorts(snapshot, state), close: async () => {} }),
    clock: { now: () => takenAt },
    report: { snapshot: { file, takenAt } },
  };
}

async function loadSnapshot(file: string, { files, schemas }: ReadContext): Promise<Snapshot | Finding> {
  try {
    return await readSnapshot(file, files.readPacked(file), schemas.read('snapshot'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return code.startsWith('Z_')
      ? unusable(file, 'it is cut off, or not packed with gzip at all')
      : unreadableFile(file, error);
  }
}

/** Why a plan that was made from a snapshot is not saved for an apply. */
export function notForApply(file: string, saveTo: string): Finding {
  return finding('snapshot.not-for-apply', {
    detail: `${file} is to be looked at and not carried out: it tells what the servers were, without their secrets, and a person who can change it can make a plan look harmless.\nA report of it is written by --report. Plan from the servers, where there are credentials:`,
    next: [nextCommands.plan(saveTo)],
    where: { file, line: 1 },
  });
}
