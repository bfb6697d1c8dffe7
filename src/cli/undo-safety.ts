import { count } from '../core/count.ts';
import type { DesiredState } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import type { Step } from '../core/plan.ts';
import type { Obstacle } from '../engine/built-on.ts';
import { identity } from '../engine/recheck.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import { not, present } from '../ldap/filter.ts';
import type { UndoComparison } from '../plan/undo.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { provisioningKeys } from '../products/cs6.ts';

/** The accounts that carry the local-user attribute once a run is taken back, by the identity of their entries. */
export type OnCs7 = ReadonlyMap<string, string>;

/** Who is on CS7 after the undo: who is there now, without those it takes away, with those it puts back. */
export async function onCs7After(
  comparisons: readonly UndoComparison[],
  { directory }: DesiredState,
  ports: ReadPorts,
): Promise<OnCs7 | Finding> {
  const { base, localUser } = directory;
  const accounts = comparisons.filter(({ step }) => step.stage === 'accounts').flatMap(({ changes }) => changes);
  const found = new Map<string, string>();
  try {
    const query = { base, filter: present(localUser.attribute), attributes: ['1.1'] };
    for await (const { dn } of ports.directory().search(query)) found.set(entryOf(dn), dn);
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return problem.finding;
  }
  for (const { item, after } of accounts)
    if (after === undefined) found.delete(entryOf(item));
    else found.set(entryOf(item), item);
  return found;
}

/**
 * The order table on the way back, held against what is live: no account that is on CS7 afterwards is without its unique id,
 * and CS6 provisions nobody while one is.
 */
export async function orderObstacles(
  comparisons: readonly UndoComparison[],
  onCs7: OnCs7,
  {
    state,
    targets,
    ports,
  }: { readonly state: DesiredState; readonly targets: readonly BoundTarget[]; readonly ports: ReadPorts },
): Promise<readonly Obstacle[]> {
  const back = comparisons.filter(
    ({ step, changes }) => step.stage === 'accounts' && changes.some(c => c.after !== undefined),
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

function idLines({ step, changes }: UndoComparison, onCs7: OnCs7, { directory }: DesiredState): readonly string[] {
  if (step.stage !== 'identity') return [];
  return changes
    .filter(({ item, after }) => after === undefined && onCs7.has(entryOf(item)))
    .map(({ item, key }) => `${item} has ${directory.localUser.attribute}, and CS7 files its data under ${key}`);
}

function provisioningLines({ step, changes }: UndoComparison, onCs7: OnCs7): readonly string[] {
  const on = changes.filter(({ key, after }) => step.stage === 'cs6-config' && provisions(key, after));
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
      .filter(({ step }) => step.stage === 'accounts')
      .flatMap(({ changes }) => changes.filter(({ after }) => after !== undefined))
      .map(({ item }) => [entryOf(item), item]),
  );
  const lines: string[] = [];
  const query = { base: directory.base, filter: not(present(directory.uniqueId.attribute)), attributes: ['1.1'] };
  for await (const { dn } of ports.directory().search(query))
    if (moving.has(entryOf(dn))) lines.push(`${dn} has no ${directory.uniqueId.attribute}`);
  for (const target of targets.filter(({ stage }) => stage === 'cs6-config'))
    for await (const { changes } of target.items(ports))
      for (const { key } of changes)
        if (provisioningKeys.includes(key)) lines.push(`${key} is not off on ${target.target}`);
  return lines;
}

/** Steps whose host the estate files do not name any more. */
export function stepsWithoutHost(steps: readonly Step[], { cs6, cs7 }: DesiredState): readonly Step[] {
  const hosts = new Set([...cs6, ...cs7].map(({ name }) => name));
  return steps.filter(({ target }) => target !== 'directory' && !hosts.has(target));
}

function entryOf(dn: string): string {
  return identity({ item: dn, key: '' });
}
