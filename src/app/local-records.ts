import { join } from 'node:path';
import { type Finding, TargetProblem } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import { type RunRecord, readRunRecord } from '../engine/run-record.ts';
import { readPlanFile } from '../plan/plan-file.ts';
import type { RunLine } from '../ports/journal.ts';
import type { LocalFiles } from '../ports/local-files.ts';
import type { LocalContext } from './context.ts';
import { listFolder, readFileBytes, readInPieces } from './files.ts';
import type { KnownRun, RecordPlace, RunRecords } from './known-runs.ts';

type Context = Pick<LocalContext, 'files' | 'schemas'>;

/** The records of a folder of this machine. A folder that does not exist has none. */
export async function openLocalRecords(folder: string, context: Context): Promise<RunRecords> {
  const { runs, ...problem } = await readRuns(folder, context);
  const plan = (name: string) => readPlan(planOf(folder, name), context);
  return {
    runs,
    places: [{ place: folder, on: 'machine', ...problem }],
    record: (name, most) => readRecord(folder, name, context, most),
    plan,
    desired: async name => {
      const read = await plan(name);
      return 'code' in read ? undefined : read.desired;
    },
  };
}

const suffix = '.jsonl';

function planOf(folder: string, name: string): string {
  return join(folder, `${name}.plan.json`);
}

/** How many records are opened at the same time: there may be thousands. */
const atOnce = 50;

async function readRuns(
  folder: string,
  context: Context,
): Promise<Pick<RunRecords, 'runs'> & Pick<RecordPlace, 'problem'>> {
  try {
    const names = new Set(await listFolder(folder, context.files));
    const ofRuns = [...names].filter(name => name.endsWith(suffix)).map(name => name.slice(0, -suffix.length));
    const newest = ofRuns.toSorted().toReversed();
    const runs: KnownRun[] = [];
    for (let at = 0; at < newest.length; at += atOnce) {
      const batch = newest.slice(at, at + atOnce);
      const read = await Promise.all(batch.map(name => readRun(folder, name, names, context)));
      runs.push(...read.flatMap(run => run ?? []));
    }
    return { runs };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return { runs: [], problem: problem.finding };
  }
}

async function readRun(
  folder: string,
  name: string,
  names: ReadonlySet<string>,
  { files, schemas }: Context,
): Promise<KnownRun | undefined> {
  const text = await bothEnds(join(folder, `${name}${suffix}`), files);
  const record = readRunRecord(name, text, schemas.read('record'));
  if (!record) return undefined;
  const { began, ended, head, finished } = record;
  const known = head && { head: { direction: await directionOf(head, planOf(folder, name), files), ...head } };
  const whole = names.has(`${name}.plan.json`);
  const places = [folder];
  return { name, began, ended, ...known, ...(finished && { finished }), whole, length: exact, places };
}

/** Each write is here before it is made: no other place has more. */
const exact = Number.POSITIVE_INFINITY;

/** Bytes of a record in which its first line ends, and its last one begins. */
const endBytes = 65_536;

/** Bytes of the last line where it is longer than that: it names every target. */
const lastBytes = 1_048_576;

/**
 * Of each record only both ends are read: that of a run which moved a million accounts has hundreds of megabytes in between.
 * Lines that are cut in two are no lines of a record, and are passed over.
 */
async function bothEnds(path: string, files: LocalFiles): Promise<string> {
  try {
    const begin = await files.read(path, endBytes);
    const ends = begin.length < endBytes ? [begin] : [begin, await lastLine(path, files)];
    return ends.map(bytes => new TextDecoder().decode(bytes)).join('\n');
  } catch {
    // A record that cannot be read says nothing; an apply would report that itself.
    return '';
  }
}

async function lastLine(path: string, files: LocalFiles): Promise<Uint8Array> {
  const end = await files.readEnd(path, endBytes);
  return end.subarray(0, -1).includes(lineEnd) ? end : files.readEnd(path, lastBytes);
}

const lineEnd = '\n'.charCodeAt(0);

/** Records of earlier versions do not say it. In the plan it stands before all that is long. */
async function directionOf(
  { direction }: RunLine,
  plan: string,
  files: LocalFiles,
): Promise<NonNullable<RunLine['direction']>> {
  if (direction !== undefined) return direction;
  const begin = await files.read(plan, endBytes).catch(() => new Uint8Array());
  return new TextDecoder().decode(begin).includes('"direction":"undo"') ? 'undo' : 'forward';
}

async function readRecord(
  folder: string,
  name: string,
  { files, schemas }: Context,
  most?: number,
): Promise<RunRecord | undefined> {
  const bytes = await readFileBytes(join(folder, `${name}${suffix}`), files, most);
  if (!(bytes instanceof Uint8Array)) throw new TargetProblem(bytes);
  if (most !== undefined && bytes.length > most) return undefined;
  return readRunRecord(name, new TextDecoder().decode(bytes), schemas.read('record'));
}

async function readPlan(file: string, { files, schemas }: Context): Promise<Plan | Finding> {
  const read = await readInPieces(file, files, pieces => readPlanFile(file, pieces, schemas.plan));
  if ('code' in read) return read;
  const { plan, findings } = read;
  const [problem] = findings;
  if (plan) return plan;
  if (!problem) throw new Error('a plan that is none without a reason');
  return problem;
}
