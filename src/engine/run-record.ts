import { compileSchema } from '../core/compile-schema.ts';
import type { FileRestore } from '../core/plan.ts';
import type { FinishedLine, JournalLine, ResultLine, RunLine } from '../ports/journal.ts';

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
  /** What became of the steps that had ended. */
  readonly results: ReadonlyMap<string, ResultLine>;
  readonly replaced: ReadonlyMap<string, readonly FileRestore[]>;
  /** The steps of which every write is known; of the others not even whether they were begun. Absent: all of them. */
  readonly knownSteps?: ReadonlySet<string>;
}

/**
 * The text of a record -> what it tells; nothing where it is none. A last line that was cut off says nothing: its write was not
 * begun. Where another line is none, nobody knows what it said, and so no step is known.
 */
export function readRunRecord(name: string, text: string, schema: object): RunRecord | undefined {
  return recordOf(name, linesOf(text, schema));
}

/**
 * The same of a record that is brought to its place from time to time. Where it ends before the run did, only steps are known
 * of which it says that all their writes are there.
 */
export function readKeptRecord(name: string, text: string, schema: object): RunRecord | undefined {
  const found = linesOf(text, schema);
  const record = recordOf(name, found);
  if (!record || record.finished || record.knownSteps) return record;
  return { ...record, knownSteps: new Set(found.lines.flatMap(line => (line.line === 'tier' ? line.steps : []))) };
}

type WrittenLine = JournalLine & { readonly at: string };

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The lines that the schema of records knows; `odd`: there are others before the last one. */
interface FoundLines {
  readonly lines: readonly WrittenLine[];
  readonly odd: boolean;
}

function linesOf(text: string, schema: object): FoundLines {
  const isLine = compileSchema<WrittenLine>(schema);
  const texts = text.split('\n').filter(line => line !== '');
  const lines: WrittenLine[] = [];
  let odd = false;
  for (const [at, line] of texts.entries()) {
    const value = parseJson(line);
    if (isLine(value)) lines.push(value);
    else odd ||= at < texts.length - 1;
  }
  return { lines, odd };
}

function recordOf(name: string, { lines, odd }: FoundLines): RunRecord | undefined {
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
    results: new Map(lines.flatMap(line => (line.line === 'result' ? [[line.step, line] as const] : []))),
    replaced: replacedFiles(begun, ends),
    ...(odd && { knownSteps: new Set<string>() }),
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
