import { withConnections } from '../core/connection.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { Narrowing } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { largestFile } from '../estate/decode.ts';
import { loadEstates } from '../estate/load.ts';
import { finding, hasCode } from '../findings/catalogue.ts';
import { targetsOf } from '../kinds/registry.ts';
import { letGoFindings } from '../plan/origins.ts';
import { type Revision, standardInput } from '../ports/local-files.ts';
import { lastAppliedState } from './applied-before.ts';
import { type Failure, failure, type LocalContext, refusal } from './context.ts';
import type { RunRecords } from './known-runs.ts';
import { dayOf, loadFiles } from './load-estate.ts';

/** What changes are told apart by. */
export interface BaseRequest {
  /** A revision, or an estate file. */
  readonly base?: string;
  /** What was applied last; by default what the records of runs say. */
  readonly applied?: string;
  /** Folder of the records of runs. */
  readonly runs?: string;
}

/** What another file, another revision or a run asked for; without a state: for nothing, because the file did not exist. */
export interface EarlierState {
  /** As a person calls it: `revision a1b2c3d4e5f6`. */
  readonly name: string;
  readonly state?: DesiredState;
  /** Set where it is not known what it asked for: its files have errors. */
  readonly unusable?: Finding;
  readonly revision?: Revision;
  /** The environment variables that its texts ask for. */
  readonly variables?: readonly string[];
}

/** The states that are planned as well, to see where changes come from. */
export interface Earlier {
  readonly base: EarlierState;
  readonly applied: EarlierState;
}

/** What of a wanted state is known besides: what runs asked for before. */
export interface Recorded {
  readonly state: DesiredState;
  readonly records: Promise<RunRecords>;
}

/** What changes are told apart by, and chosen. */
type OriginRequest = BaseRequest & Pick<Narrowing, 'origin'>;

/** What a request names as the base; nothing where it names none. */
export async function loadBase(
  files: readonly string[],
  { base, applied, origin }: OriginRequest,
  context: LocalContext,
): Promise<EarlierState | Finding | undefined> {
  if (base !== undefined) return loadState(base, files, context);
  return applied === undefined || origin ? undefined : appliedAlone();
}

/** The earlier wanted states that changes are told apart by, with warnings about them; or why there are none. */
export async function loadEarlier(
  base: EarlierState | undefined,
  files: readonly string[],
  { applied: named, origin }: OriginRequest,
  recorded: Recorded,
  context: LocalContext,
): Promise<{ readonly earlier?: Earlier; readonly warnings: readonly Finding[] } | Finding> {
  if (!base && !origin) return { warnings: [] };
  const applied = await loadApplied(base, files, named, recorded, context);
  if ('code' in applied) return applied;
  const errors = [base, applied].flatMap(one => one?.unusable ?? []);
  const [error] = errors;
  if (origin && (error || applied.state === undefined)) return originUnknown(error);
  if (errors.length > 0) return { warnings: errors };
  const compared = base ? `Compared with ${base.name}; applied last` : 'Compared with what was applied last';
  context.progress.note(`${compared}: ${applied.name}.`);
  // Without a base this revision is compared with what was applied last, and the records say what it leaves out.
  if (!base) return { earlier: { base: applied, applied }, warnings: [] };
  const warnings = base.state ? letGoFindings(targetsOf(base.state), targetsOf(recorded.state)) : [absent(base.name)];
  return { earlier: { base, applied }, warnings };
}

/** Of a revision that was applied in its time: waves that have come since were not. */
async function loadApplied(
  base: EarlierState | undefined,
  files: readonly string[],
  applied: string | undefined,
  { state: desired, records }: Recorded,
  context: LocalContext,
): Promise<EarlierState | Finding> {
  if (applied !== undefined) return loadState(applied, files, context, revision => revision.day);
  const last = await loadLastApplied(await records, desired);
  if (last) return last;
  const parent = base?.revision?.parent();
  if (parent === undefined) return { name: 'nothing known' };
  return 'code' in parent ? parent : loadRevision(parent, files, context, parent.day);
}

/** An estate file is named as one; everything else is a revision. */
const isFile = /\.ya?ml$/i;

async function loadState(
  name: string,
  files: readonly string[],
  context: LocalContext,
  day?: (revision: Revision) => string,
): Promise<EarlierState | Finding> {
  if (isFile.test(name)) return loadFile(name, context);
  const revision = revisionOf(files, name, context);
  return 'code' in revision ? revision : loadRevision(revision, files, context, day?.(revision));
}

/** The revision of the repository that the files lie in, or why there is none. */
export function revisionOf(
  files: readonly string[],
  name: string,
  { openRevision }: Pick<LocalContext, 'openRevision'>,
): Revision | Finding {
  if (!files.includes(standardInput)) return openRevision(name, files[0] ?? '.');
  const detail = `"${name}" is a revision, but the estate file comes from standard input, which git does not know.\nName the file instead of -.`;
  return finding('file.no-revision', { detail });
}

async function loadFile(file: string, context: LocalContext): Promise<EarlierState | Finding> {
  const { state, findings } = await loadFiles([file], context);
  const unread = findings.find(one => hasCode(one, 'file.unreadable'));
  return unread ?? earlierState(printable(file), state, findings);
}

/** What the same files asked for in a revision; on `day`, or today. */
export function loadRevision(
  revision: Revision,
  files: readonly string[],
  { variables: environment, clock, schemas }: Pick<LocalContext, 'variables' | 'clock' | 'schemas'>,
  day = dayOf(clock.now()),
): EarlierState {
  const name = `revision ${revision.id.slice(0, 12)}`;
  const sources = files.flatMap(file => {
    const content = revision.readFile(file, largestFile);
    return 'absent' in content ? [] : [{ file, content }];
  });
  if (sources.length === 0) return { name, revision };
  const read = sources.flatMap(({ file, content }) => (content instanceof Uint8Array ? [{ file, content }] : []));
  const unread = sources.flatMap(({ file, content }) =>
    'reason' in content ? [`${printable(file)}: ${content.reason}`] : [],
  );
  if (unread.length > 0) return { name, revision, unusable: unusable(name, unread.join('\n')) };
  const loaded = loadEstates(read, schemas.estate, { environment, day, readFile: revision.readFile });
  const { state, findings, variables = [] } = loaded;
  return { ...earlierState(name, state, findings), revision, variables };
}

function earlierState(name: string, state: DesiredState | undefined, findings: readonly Finding[]): EarlierState {
  if (state) return { name, state };
  const [first] = findings.filter(({ severity }) => severity === 'error');
  const place = first?.where ? `${printable(first.where.file)}:${first.where.line}: ` : '';
  return { name, unusable: unusable(name, `${place}${first?.code}: ${first?.summary}.`) };
}

/** What was applied last, by the records, as something to compare with: hosts are reached as `desired` says. */
export async function loadLastApplied(records: RunRecords, desired: DesiredState): Promise<EarlierState | undefined> {
  const last = await lastAppliedState(records, desired);
  return last && { name: last.name, state: withConnections(last.desired, desired) };
}

function unusable(name: string, why: string): Finding {
  return finding('base.unusable', {
    detail: `${name} has errors, so its wanted state is not known and no change has an origin.\n${why}`,
  });
}

function originUnknown(why: Finding | undefined): Finding {
  const reason = why ? `\n${why.detail}` : '';
  return finding('base.origin-unknown', {
    detail: `--origin chooses changes by what was applied last, and that is not known: no record of a complete run can be read, and no usable revision is named.${reason}\nName the revision that was applied last:`,
    next: [nextCommands.planSince('HEAD~1')],
  });
}

/** The failure that a problem of earlier states is: something is wrong with what was asked, or nothing can be chosen by it. */
export function notCompared(problem: Finding, estate: string | undefined): Failure {
  return hasCode(problem, 'base.origin-unknown') ? refusal([problem], estate) : failure([problem], estate);
}

function absent(base: string): Finding {
  return finding('base.absent', { detail: `${base} has no estate file yet, so this revision asks for everything.` });
}

function appliedAlone(): Finding {
  return finding('base.applied-alone', {
    detail:
      '--applied divides the changes that a base asks for into drift and changes that were never applied.\nAdd the base: --base origin/main',
  });
}
