import { allChanges, withFacts } from '../core/change-list.ts';
import type { DesiredState } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { leftOutBy, type Narrowing, type Step } from '../core/plan.ts';
import { rowOf, type Stage, type StageRow } from '../core/stages.ts';
import { count } from '../core/units.ts';
import { builtOn, type Obstacle, type OtherRun, obstacleFindings } from '../engine/built-on.ts';
import { identity } from '../engine/recheck.ts';
import { finding } from '../findings/catalogue.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import { not, present } from '../ldap/filter.ts';
import type { UndoComparison, UndoneRun } from '../plan/undo.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { provisioningKeys } from '../products/cs6.ts';

/** What later runs wrote, and the names of those of which that is not known. */
export interface LaterRuns {
  readonly runs: readonly OtherRun[];
  readonly unread: readonly string[];
}

/** A run, what came after it, what it asked for with how its targets are reached today, and what of it is to be taken back. */
export interface Undoing {
  readonly run: UndoneRun;
  readonly later: LaterRuns;
  readonly steps: readonly Step[];
  readonly targets: readonly BoundTarget[];
  /** What of the run is taken back, by names. */
  readonly narrowing: Narrowing;
  readonly state: DesiredState;
  /** The wanted state of the files here: its windows and limits hold. */
  readonly local: DesiredState;
  /** What is not known of this run and of others. */
  readonly remarks: readonly Finding[];
}

/** What stands in the way, by the records of other runs and by what is live. */
export async function obstacles(
  { run, later, targets, narrowing, state }: Undoing,
  comparisons: readonly UndoComparison[],
  ports: ReadPorts,
): Promise<readonly Finding[]> {
  const unread = later.unread.map(unreadRun);
  const due = comparisons.filter(({ changes }) => changes.length > 0);
  const ordered = due.some(({ step }) => settles(step) !== undefined);
  const onCs7 = ordered ? await onCs7After(comparisons, state, ports) : new Map<string, string>();
  if ('code' in onCs7) return [...unread, onCs7];
  const rest = { name: run.name, steps: run.steps.map(step => ({ ...step, changes: keptChanges(step, narrowing) })) };
  const built = builtOn(comparisons, [rest, ...later.runs]);
  const live = await orderObstacles(due, onCs7, { state, targets, ports });
  return [...unread, ...obstacleFindings([...live, ...built], comparisons, { laterRuns: later.runs.length > 0 })];
}

/** What stays of a step, because it is not taken back. */
function keptChanges({ target, kind, changes }: Step, narrowing: Narrowing): Step['changes'] {
  return withFacts(changes, ({ group }) => leftOutBy(narrowing, { target, kind, cohort: group }) !== undefined);
}

function unreadRun(name: string): Finding {
  return finding('undo.later-unread', {
    detail: `The plan of run ${name} cannot be read. It is not known whether it depends on this run, except for accounts that are now on CS7.`,
  });
}

/** The accounts that carry the local-user attribute once a run is taken back, by the identity of their entries. */
type OnCs7 = ReadonlyMap<string, string>;

/** Who is on CS7 after the undo: who is there now, without those it takes away, with those it puts back. */
async function onCs7After(
  comparisons: readonly UndoComparison[],
  { directory }: DesiredState,
  ports: ReadPorts,
): Promise<OnCs7 | Finding> {
  const { base, localUser } = directory;
  const accounts = comparisons.filter(({ step }) => settles(step) === 'side');
  const found = new Map<string, string>();
  try {
    const query = { base, filter: present(localUser.attribute), attributes: ['1.1'] };
    for await (const { dn } of ports.directory().search(query)) found.set(entryOf(dn), dn);
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return problem.finding;
  }
  for (const { item, after } of allChanges(accounts))
    if (after === undefined) found.delete(entryOf(item));
    else found.set(entryOf(item), item);
  return found;
}

/**
 * The order table on the way back, held against what is live: no account that is on CS7 afterwards is without its unique id,
 * and CS6 provisions nobody while one is.
 */
async function orderObstacles(
  comparisons: readonly UndoComparison[],
  onCs7: OnCs7,
  {
    state,
    targets,
    ports,
  }: { readonly state: DesiredState; readonly targets: readonly BoundTarget[]; readonly ports: ReadPorts },
): Promise<readonly Obstacle[]> {
  const back = comparisons.filter(
    ({ step, changes }) => settles(step) === 'side' && changes.some(c => c.after !== undefined),
  );
  const missing = back.length === 0 ? [] : await missingForMoves(comparisons, state, targets, ports);
  return [
    ...comparisons.map(one => ({
      step: one.step,
      lines: [...idLines(one, onCs7, state), ...provisioningLines(one, onCs7)],
    })),
    ...back.map(({ step }) => ({ step, lines: missing })),
  ];
}

/** What the order of the way back depends on, of what a stage brings about. */
function settles({ stage }: { readonly stage: Stage }): StageRow['settles'] {
  return rowOf(stage).settles;
}

function idLines({ step, changes }: UndoComparison, onCs7: OnCs7, { directory }: DesiredState): readonly string[] {
  if (settles(step) !== 'unique-id' || onCs7.size === 0) return [];
  return changes
    .filter(({ item, after }) => after === undefined && onCs7.has(entryOf(item)))
    .map(({ item, key }) => `${item} has ${directory.localUser.attribute}, and CS7 stores its data under ${key}`);
}

function provisioningLines({ step, changes }: UndoComparison, onCs7: OnCs7): readonly string[] {
  const on = changes.filter(({ key, after }) => settles(step) === 'provisioning' && provisions(key, after));
  const [first] = onCs7.values();
  if (on.length === 0 || first === undefined) return [];
  return [
    `${on.map(({ key }) => key).join(', ')} would be on again while ${count(onCs7.size, 'account is', 'accounts are')} on CS7, such as ${first}`,
  ];
}

/** Without a value it is on: that is how CS6 is installed. */
function provisions(key: string, value: string | readonly string[] | undefined): boolean {
  return provisioningKeys.includes(key) && value !== 'no';
}

/** What accounts lack that are put back on CS7. */
async function missingForMoves(
  comparisons: readonly UndoComparison[],
  { directory }: DesiredState,
  targets: readonly BoundTarget[],
  ports: ReadPorts,
): Promise<readonly string[]> {
  const moving = new Map(
    comparisons
      .filter(({ step }) => settles(step) === 'side')
      .flatMap(({ changes }) => [...changes.filter(({ after }) => after !== undefined)])
      .map(({ item }) => [entryOf(item), item]),
  );
  const lines: string[] = [];
  const query = { base: directory.base, filter: not(present(directory.uniqueId.attribute)), attributes: ['1.1'] };
  for await (const { dn } of ports.directory().search(query))
    if (moving.has(entryOf(dn))) lines.push(`${dn} has no ${directory.uniqueId.attribute}`);
  for (const target of targets.filter(target => settles(target) === 'provisioning'))
    for await (const { changes } of target.items(ports))
      for (const { key } of changes)
        if (provisioningKeys.includes(key)) lines.push(`${key} is not off on ${target.target}`);
  return lines;
}

/** Steps whose host the estate files do not name any more. */
export function stepsWithoutHost(steps: readonly Step[], desired: DesiredState): readonly Step[] {
  const hosts = new Set(desired.hosts.map(({ name }) => name));
  return steps.filter(({ target }) => target !== 'directory' && !hosts.has(target));
}

function entryOf(dn: string): string {
  return identity({ item: dn, key: '' });
}
