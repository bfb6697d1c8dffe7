import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunRecord, readRunRecord } from '../../../src/engine/run-record.ts';
import type { JournalLine } from '../../../src/ports/journal.ts';

/** A write as it stands in a record. */
export interface RecordedWrite {
  readonly begin: Extract<JournalLine, { readonly line: 'begin' }>;
  /** What is written, and what it is written to; the same in every estate of a kind. */
  readonly what: string;
  /** What became of it; absent where the record does not say. */
  readonly state?: string;
  /** A command that is sent together with the one before: the start of a server with its stop. */
  readonly sentWithFormer: boolean;
}

/** Every write of a record, in order; the last line may have been cut by a kill. */
export function writesOf(folder: string, name: string): readonly RecordedWrite[] {
  const lines = textOf(folder, name)
    .split('\n')
    .slice(0, -1)
    .map((line): JournalLine => JSON.parse(line));
  const ends = new Map(lines.flatMap(line => (line.line === 'end' ? [[line.write, line.state] as const] : [])));
  const commands = new Map<string, number>();
  return lines.flatMap(line => {
    if (line.line === 'end') for (const [step, write] of commands) if (write === line.write) commands.delete(step);
    if (line.line !== 'begin') return [];
    const state = ends.get(line.write);
    const sentWithFormer = line.operation === 'run' && commands.has(line.step);
    if (line.operation === 'run') commands.set(line.step, line.write);
    return [{ begin: line, what: whatOf(line), sentWithFormer, ...(state !== undefined && { state }) }];
  });
}

const schema = JSON.parse(readFileSync('schemas/record.schema.json', 'utf8'));

/** What the product itself makes of a record. */
export function recordOf(folder: string, name: string): RunRecord | undefined {
  return readRunRecord(name, textOf(folder, name), schema);
}

/** The names of all records of a folder, in the order of their names. */
export function recordNames(folder: string): readonly string[] {
  const names = readdirSync(folder).filter(name => name.endsWith('.jsonl'));
  return names.map(name => name.replace('.jsonl', '')).sort();
}

/** SHA-256 of every content that a file had before or after a replacement that any record tells of. */
export function recordedVersions(folder: string): ReadonlySet<string> {
  const writes = recordNames(folder).flatMap(name => writesOf(folder, name));
  return new Set(writes.flatMap(({ begin }) => (begin.operation === 'replace' ? [begin.before, begin.after] : [])));
}

function textOf(folder: string, name: string): string {
  const own = join(folder, `${name}.jsonl`);
  // A run that is killed while it starts a server that is down has begun no record of its own yet.
  return readFileSync(existsSync(own) ? own : join(folder, `${name}-aid.jsonl`), 'utf8');
}

function whatOf(begin: RecordedWrite['begin']): string {
  const { step } = begin;
  switch (begin.operation) {
    case 'modify':
      return `${step} modify ${begin.dn}`;
    case 'replace':
      return `${step} replace ${begin.path}`;
    case 'run':
      return `${step} run ${begin.words.join(' ')}`;
  }
}
