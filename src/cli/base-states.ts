import { join } from 'node:path';
import { type PlannedState, withConnections, withoutConnections } from '../core/connection.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import { largestFile } from '../estate/decode.ts';
import { loadEstates } from '../estate/load.ts';
import { targetsOf } from '../kinds/registry.ts';
import { letGoFindings } from '../plan/no-longer-wanted.ts';
import { parsePlanFile } from '../plan/plan-file.ts';
import type { Revision } from '../ports/revision.ts';
import { readRecordEnds } from './count-before.ts';
import { loadFiles, readFileText } from './files.ts';
import type { ReadOutside } from './outside.ts';
import { runNames } from './run-records.ts';

/** What another file, another revision or a run asked for; without a state: for nothing, because the file was not there. */
export interface Asking {
  /** As a person calls it: `revision a1b2c3d4e5f6`. */
  readonly name: string;
  readonly state?: DesiredState;
  /** Set where it cannot be told what it asked for: its files have errors. */
  readonly unusable?: Finding;
  readonly revision?: Revision;
  /** The environment variables that its texts ask for. */
  readonly variables?: readonly string[];
}

/** An estate file is named as one; everything else is a revision. */
const isFile = /\.ya?ml$/i;

/** What a file or a revision that somebody named asks for; or that there is no such thing. */
export async function loadAsking(
  name: string,
  files: readonly string[],
  outside: ReadOutside,
  day?: (revision: Revision) => string,
): Promise<Asking | Finding> {
  if (isFile.test(name)) return loadFile(name, outside);
  const revision = outside.openRevision(name, files[0] ?? '.');
  return 'code' in revision ? revision : loadRevision(revision, files, outside, day?.(revision));
}

async function loadFile(file: string, outside: ReadOutside): Promise<Asking | Finding> {
  const { state, findings } = await loadFiles([file], outside);
  const unread = findings.find(({ code }) => code === 'file.unreadable');
  return unread ?? asking(printable(file), state, findings);
}

/** What the same files asked for in a revision; on `day`, or today. */
export function loadRevision(
  revision: Revision,
  files: readonly string[],
  { environment, clock, estateSchema }: ReadOutside,
  day = clock.now().slice(0, 'YYYY-MM-DD'.length),
): Asking {
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
  const loaded = loadEstates(read, estateSchema, { environment, day, readFile: revision.readFile });
  const { state, findings, variables = [] } = loaded;
  return { ...asking(name, state, findings), revision, variables };
}

function asking(name: string, state: DesiredState | undefined, findings: readonly Finding[]): Asking {
  if (state) return { name, state };
  const [first] = findings.filter(({ severity }) => severity === 'error');
  const place = first?.where ? `${printable(first.where.file)}:${first.where.line}: ` : '';
  return { name, unusable: unusable(name, `${place}${first?.code}: ${first?.summary}.`) };
}

function unusable(name: string, why: string): Finding {
  return {
    severity: 'warning',
    code: 'base.unusable',
    summary: 'What a change comes from cannot be told',
    detail: `${name} has errors, so what it asked for is not known, and no change is labelled.\n${why}`,
  };
}

/** What the newest run asked for that was carried out to the end and whole, also of hosts that are not in the file any more. */
export async function lastAppliedState(
  folder: string,
  outside: ReadOutside,
): Promise<{ readonly name: string; readonly desired: PlannedState } | undefined> {
  for (const name of await runNames(folder, outside)) {
    const record = await readRecordEnds(folder, name, outside);
    if (!record?.finished?.converged) continue;
    const file = join(folder, `${name}.plan.json`);
    const text = await readFileText(file, outside);
    const { plan } = typeof text === 'string' ? parsePlanFile(file, text, outside.planSchema) : {};
    if (plan?.direction === 'forward' && plan.only === undefined) return { name: `run ${name}`, desired: plan.desired };
  }
  return undefined;
}

/** The same as something to compare with: hosts are reached as `desired` says. Nothing where the records know of none. */
export async function loadLastApplied(
  folder: string,
  desired: DesiredState,
  outside: ReadOutside,
): Promise<Asking | undefined> {
  const last = await lastAppliedState(folder, outside);
  return last && { name: last.name, state: withConnections(last.desired, desired) };
}

/** What the newest such run asked for and the file does not any more; nothing where the records know of none. */
export async function letGoSinceApplied(
  folder: string,
  desired: PlannedState,
  outside: ReadOutside,
): Promise<readonly Finding[]> {
  const managed = (state: PlannedState) => targetsOf(withoutConnections(state));
  const last = await lastAppliedState(folder, outside);
  return last ? letGoFindings(managed(last.desired), managed(desired), last.name) : [];
}
