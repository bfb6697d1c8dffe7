import { compileSchema } from '../core/compile-schema.ts';
import type { PlannedState } from '../core/connection.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import { type RunRecord, readKeptRecord } from '../engine/run-record.ts';
import { finding } from '../findings/catalogue.ts';
import { wantedDigest } from '../plan/build.ts';
import { parsePlanFile } from '../plan/plan-file.ts';
import type { KeptRun, RecordReader, RunPart } from '../ports/host.ts';
import type { LocalContext } from './context.ts';
import type { KnownRun, RunRecords } from './known-runs.ts';
import { managedTargets } from './load-estate.ts';

type Context = Pick<LocalContext, 'schemas'>;

/** The records of an estate on one host. All of them are the host's words: what is not as it should be is not there. */
export async function openHostRecords(
  host: string,
  estate: string,
  reader: RecordReader,
  context: Context,
): Promise<RunRecords> {
  const found = await reader.runs(estate).catch(problemOf);
  if ('problem' in found) return { ...nothing, places: [{ place: host, on: 'host', ...found }] };
  const runs = found.flatMap((run): (readonly [string, RunOnHost])[] => {
    const began = timeOfRun(run.run);
    return began === undefined ? [] : [[run.run, runOnHost(run, began, host, context)]];
  });
  const kept = new Map(runs);
  const shelf: Shelf = { host, kept, read: (run, part) => reader.runPart(estate, run, part), context };
  return {
    runs: [...kept.values()].map(({ known }) => known),
    places: [{ place: host, on: 'host' }],
    record: (name, most) => readRecord(name, shelf, most),
    plan: name => readPlan(name, shelf),
    desired: name => readDesired(name, shelf),
  };
}

const nothing: Omit<RunRecords, 'places'> = {
  runs: [],
  record: async () => undefined,
  plan: async name => {
    throw new Error(`nothing is known of ${name}`);
  },
  desired: async () => undefined,
};

function problemOf(problem: unknown): { readonly problem: Finding } {
  if (!(problem instanceof TargetProblem)) throw problem;
  return { problem: problem.finding };
}

/** What a host has of an estate's runs. */
interface Shelf {
  readonly host: string;
  readonly kept: ReadonlyMap<string, RunOnHost>;
  readonly read: (run: string, part: RunPart) => Promise<string | undefined>;
  readonly context: Context;
}

/** When a run was begun by its name, ISO 8601; nothing where that is not the name of a run. */
export function timeOfRun(name: string): string | undefined {
  const [, date = '', hour = '', minute = '', second = '', rest = ''] =
    /^(\d{8})T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]{8}$/.exec(name) ?? [];
  const time = Date.parse(
    `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${hour}:${minute}:${second}.${rest}Z`,
  );
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** A run on a host, with what the first and the last line of its journal say. */
interface RunOnHost {
  readonly kept: KeptRun;
  readonly known: KnownRun;
  /** The record of both ends; nothing where the host has none. */
  readonly ends?: RunRecord;
}

/** `began` comes from the name, which tells the order of runs. */
function runOnHost(kept: KeptRun, began: string, host: string, { schemas }: Context): RunOnHost {
  const ends = readKeptRecord(kept.run, [kept.head, kept.end ?? ''].join('\n'), schemas.read('record'));
  const { head, finished, ended } = ends ?? {};
  const journal = journalOf(kept);
  const known: KnownRun = {
    name: kept.run,
    began,
    ...(finished && ended !== undefined && { ended }),
    ...(head && { head }),
    ...(finished && { finished }),
    whole: head !== undefined && journal !== undefined && (kept.parts.get('plan.json') ?? 0) > 0,
    length: journal?.length ?? 0,
    places: [host],
  };
  return { kept, known, ...(ends && { ends }) };
}

/** The parts of the journal in their order; nothing where one of them is missing. */
function journalOf({ parts }: KeptRun): readonly RunPart[] | undefined {
  const numbers = [...parts.keys()].flatMap(part => (part.endsWith('.jsonl') ? [Number.parseInt(part, 10)] : []));
  const inOrder = numbers.toSorted((a, b) => a - b);
  return inOrder.every((number, at) => number === at + 1)
    ? inOrder.map((number): RunPart => `${number}.jsonl`)
    : undefined;
}

/** Bytes of a part, or of all the parts of a journal. Hosts keep no more; a larger one is not ours. */
const largest = 70_000_000;

function sizeOf({ parts }: KeptRun, names: readonly RunPart[]): number {
  return names.reduce((sum, part) => sum + (parts.get(part) ?? 0), 0);
}

async function readRecord(name: string, shelf: Shelf, most = largest): Promise<RunRecord | undefined> {
  const run = shelf.kept.get(name);
  if (!run) return undefined;
  const { kept, known, ends } = run;
  const journal = known.whole ? journalOf(kept) : undefined;
  if (!journal) return withoutJournal(ends);
  if (sizeOf(kept, journal) > most) return undefined;
  const parts = await Promise.all(journal.map(part => shelf.read(name, part)));
  const missing = journal.find((_, at) => parts[at] === undefined);
  if (missing) throw new TargetProblem(unusable(name, shelf.host, `${name}.${missing} was removed meanwhile`));
  const text = [kept.head, ...parts, kept.end ?? ''].join('\n');
  return readKeptRecord(name, text, shelf.context.schemas.read('record'));
}

function withoutJournal(record: RunRecord | undefined): RunRecord | undefined {
  return record && { ...record, knownSteps: new Set() };
}

async function readPlan(name: string, shelf: Shelf): Promise<Plan | Finding> {
  const { host, context } = shelf;
  const text = await readPart(name, 'plan.json', shelf);
  if (typeof text !== 'string') return text;
  const { plan, findings } = parsePlanFile(`${name}.plan.json on ${host}`, text, context.schemas.plan);
  if (!plan) return unusable(name, host, findings[0]?.summary ?? 'it is no plan');
  if (plan.digest === headOf(name, shelf)?.plan) return plan;
  return unusable(name, host, 'its plan is not the one that its first line names');
}

async function readDesired(name: string, shelf: Shelf): Promise<PlannedState | undefined> {
  const text = await readPart(name, 'desired.json', shelf);
  const desired = typeof text === 'string' ? parseDesired(text, shelf.context) : undefined;
  return desired && wantedDigest(desired) === headOf(name, shelf)?.desired ? desired : undefined;
}

function headOf(name: string, { kept }: Shelf): KnownRun['head'] {
  return kept.get(name)?.known.head;
}

async function readPart(name: string, part: RunPart, shelf: Shelf): Promise<string | Finding> {
  const { host, kept, read } = shelf;
  const run = kept.get(name)?.kept;
  const size = run?.parts.get(part) ?? 0;
  if (!run || size === 0) return notKept(name, part, shelf);
  if (size > largest) return unusable(name, host, `${name}.${part} is larger than any that reconcile keeps`);
  try {
    return (await read(name, part)) ?? notKept(name, part, shelf);
  } catch (problem) {
    return problemOf(problem).problem;
  }
}

/** Read as a plan reads it: whether something is managed by it is the question that it has to answer. */
function parseDesired(text: string, { schemas }: Context): PlannedState | undefined {
  const isDesired = compileSchema<PlannedState>(schemas.read('desired'), [schemas.plan]);
  try {
    const value: unknown = JSON.parse(text);
    if (!isDesired(value)) return undefined;
    managedTargets(value);
    return value;
  } catch {
    // The schema leaves open what is internal to a version of the program, and another one wrote this.
    return undefined;
  }
}

function unusable(run: string, host: string, why: string): Finding {
  return finding('records.unusable', { detail: `Run ${run} on ${host}: ${why}.`, target: host });
}

function notKept(run: string, part: string, shelf: Shelf): Finding {
  const copy = headOf(run, shelf)?.copy;
  const where = copy === undefined ? '' : `\nThe exact record was written to ${copy}.`;
  const detail = `${shelf.host} does not have ${run}.${part}: for large runs it keeps only the first and the last line and what was asked for.${where}`;
  return finding('records.not-whole', { detail, target: shelf.host });
}
