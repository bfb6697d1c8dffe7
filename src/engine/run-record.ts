import type { FileRestore } from '../core/plan.ts';
import type { FinishedLine, JournalLine, RunLine } from '../ports/journal.ts';

type Begin = Extract<JournalLine, { readonly line: 'begin' }>;
type End = Extract<JournalLine, { readonly line: 'end' }>;

/** A write that was made, or of which it is not known. */
export type MadeWrite = Begin;

/** A run as its record tells. */
export interface RunRecord {
  readonly name: string;
  /** When it was begun and when its last line was written, ISO 8601. */
  readonly began: string;
  readonly ended: string;
  readonly head?: RunLine;
  /** Writes that were begun, and those of them of which no end is recorded: what became of them is not known. */
  readonly writes: number;
  readonly open: readonly Begin[];
  /** Those that were made or may have been, in order. */
  readonly made: readonly MadeWrite[];
  /** Absent: the run died, or was interrupted. */
  readonly finished?: FinishedLine;
  readonly replaced: ReadonlyMap<string, readonly FileRestore[]>;
}

/** The text of a record -> what it tells; nothing where it is none. A last line that was cut off says nothing. */
export function readRunRecord(name: string, text: string): RunRecord | undefined {
  const lines = text.split('\n').flatMap(line => parseLine(line) ?? []);
  const [first] = lines;
  if (!first) return undefined;
  const begun = lines.flatMap(line => (line.line === 'begin' ? [line] : []));
  const ends = new Map(lines.flatMap(line => (line.line === 'end' ? [[line.write, line] as const] : [])));
  const head = lines.find(line => line.line === 'run');
  const finished = lines.find(line => line.line === 'finished');
  return {
    name,
    began: first.at,
    ended: lines.at(-1)?.at ?? first.at,
    ...(head?.line === 'run' && { head }),
    writes: begun.length,
    open: begun.filter(({ write }) => {
      const end = ends.get(write);
      return end === undefined || end.state === 'not known';
    }),
    made: begun.filter(({ write }) => mayBeMade(ends.get(write))),
    ...(finished?.line === 'finished' && { finished }),
    replaced: replacedFiles(begun, ends),
  };
}

/** A command that ended badly may have done something all the same; what a directory refused was not done. */
function mayBeMade(end: End | undefined): boolean {
  return end === undefined || ['done', 'not known'].includes(end.state) || end.state.startsWith('exit ');
}

function replacedFiles(
  begun: readonly Begin[],
  ends: ReadonlyMap<number, End>,
): ReadonlyMap<string, readonly FileRestore[]> {
  const replaced = new Map<string, FileRestore[]>();
  for (const line of begun) {
    const end = ends.get(line.write);
    if (line.operation !== 'replace' || end?.state !== 'done') continue;
    const { path, after: written, before: original } = line;
    const { backup } = end;
    if (original !== 'absent' && backup === undefined) continue;
    const old = original === 'absent' || backup === undefined ? {} : { backup, original };
    const file = { path, written, ...old };
    replaced.set(line.step, [...(replaced.get(line.step) ?? []), file]);
  }
  return replaced;
}

function parseLine(text: string): (JournalLine & { readonly at: string }) | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isLine(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Records are written by this program only: the kind of line and its time tell it from anything else. */
function isLine(value: unknown): value is JournalLine & { readonly at: string } {
  return (
    typeof value === 'object' && value !== null && 'line' in value && 'at' in value && typeof value.at === 'string'
  );
}
