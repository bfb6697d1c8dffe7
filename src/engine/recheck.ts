import { canonicalJson, sha256 } from '../core/canonical.ts';
import { type Change, invert } from '../core/change.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import type { Step } from '../core/plan.ts';
import type { ChangeResult, StepResult } from '../core/run.ts';
import { finding } from '../findings/catalogue.ts';
import type { BoundTarget, Item } from '../kinds/managed-kind.ts';
import { plainKey } from '../ldap/distinguished-name.ts';
import type { ReadPorts } from '../ports/ports.ts';

/** What is to be done now, and what is settled without doing anything. */
export interface Recheck {
  readonly todo: readonly { readonly item: Item; readonly changes: readonly Change[] }[];
  readonly settled: readonly ChangeResult[];
}

/** Reads the target once more: only what is still as it was when the plan was made is written. */
export async function recheck(step: Step, target: BoundTarget, ports: ReadPorts): Promise<Recheck> {
  // A list makes its changes anew each time it is read, and they are told apart here as objects.
  const changes = [...step.changes];
  const wanted = new Map(changes.map(change => [identity(change), change]));
  const alike = alikeOf(changes, wanted);
  const live = new Map<string, Change>();
  const unclear = new Set<string>();
  const todo: { item: Item; changes: readonly Change[] }[] = [];
  for await (const item of target.items(ports)) {
    for (const key of item.unclear ?? []) unclear.add(identity({ item: item.name, key }));
    for (const change of item.changes) live.set(identity(change), change);
    const due = item.changes
      .flatMap(change => wanted.get(identity(change)) ?? [])
      .filter(change => !alike.has(change))
      .filter(change => equalChange(change, live.get(identity(change))));
    if (due.length > 0) todo.push({ item, changes: due });
  }
  const moved =
    step.basis !== undefined && todo.some(({ item }) => item.basis === undefined || sha256(item.basis) !== step.basis);
  if (moved) throw new TargetProblem(staleBasis(step));
  const settled = changes.flatMap(change => {
    if (alike.has(change)) return [{ change, ...sayings.sameName }];
    return unclear.has(identity(change))
      ? [{ change, ...sayings.unclear }]
      : settle(change, live.get(identity(change)));
  });
  return { todo, settled };
}

/**
 * The same for changes that take others back. The wanted state is still that of the run: where it asks for nothing, the
 * run's value is in effect and is taken back; where it asks for the run's own change, that is not in effect.
 */
export async function recheckUndo(
  step: Pick<Step, 'changes'>,
  target: BoundTarget,
  ports: ReadPorts,
): Promise<Recheck> {
  const changes = [...step.changes];
  const byItem = new Map<string, Change[]>();
  for (const change of changes) byItem.set(itemKey(change.item), [...(byItem.get(itemKey(change.item)) ?? []), change]);
  const todo: { item: Item; changes: readonly Change[] }[] = [];
  const settled: ChangeResult[] = [];
  for await (const item of target.find(changes, ports)) {
    const asked = new Map(item.changes.map(change => [identity(change), change]));
    const own = byItem.get(itemKey(item.name)) ?? [];
    byItem.delete(itemKey(item.name));
    const unclear = own.filter(({ key }) => item.unclear?.includes(key));
    const known = own.filter(change => !unclear.includes(change));
    const due = known.filter(change => !asked.has(identity(change)));
    if (due.length > 0) todo.push({ item, changes: due });
    for (const change of known) settled.push(...settleUndo(change, asked.get(identity(change))));
    settled.push(...unclear.map(change => ({ change, ...sayings.unclear })));
  }
  for (const change of [...byItem.values()].flat())
    settled.push({ change, state: 'refused', detail: `${change.item} no longer exists` });
  return { todo, settled };
}

/** Changes that cannot be told apart by what they are about. */
function alikeOf(changes: readonly Change[], last: ReadonlyMap<string, Change>): ReadonlySet<Change> {
  if (last.size === changes.length) return new Set();
  const keys = new Set(changes.filter(change => last.get(identity(change)) !== change).map(identity));
  return new Set(changes.filter(change => keys.has(identity(change))));
}

/** What is said of changes that are settled without doing anything. */
export const sayings = {
  inEffect: { state: 'unchanged', detail: 'it was in effect already' },
  moved: { state: 'refused', detail: 'the live value is no longer the one that the plan was made for' },
  unclear: { state: 'refused', detail: 'the live value is not known now' },
  /** Which of them a reading is about is not certain. */
  sameName: { state: 'refused', detail: 'another entry of the plan has the same name, but for blanks or case' },
} as const;

function settleUndo(change: Change, asked: Change | undefined): readonly ChangeResult[] {
  if (!asked) return [];
  const forward = invert(change);
  return forward && equalChange(forward, asked)
    ? [{ change, state: 'unchanged', detail: 'it was not in effect' }]
    : [{ change, state: 'refused', detail: 'the live value is no longer the one that the run wrote' }];
}

/** A restart is a state: it is due when the service runs with older files, or when this run wrote what it must load. */
export async function dueRestart(
  step: Step,
  target: BoundTarget,
  { done, targets }: { readonly done: Iterable<StepResult>; readonly targets: readonly BoundTarget[] },
  ports: ReadPorts,
): Promise<Recheck> {
  const wrote = [...done].some(
    result =>
      result.target === step.target &&
      targets.some(t => t.kind === result.kind && t.target === result.target && t.stage === target.activates?.stage) &&
      result.results.some(r => r.state === 'done'),
  );
  const todo: { item: Item; changes: readonly Change[] }[] = [];
  for await (const item of target.items(ports))
    if (wrote || item.changes.length > 0) todo.push({ item, changes: [...step.changes] });
  const settled = step.changes.map(
    (change): ChangeResult => ({ change, state: 'unchanged', detail: 'it runs with the files as they are' }),
  );
  return { todo, settled: todo.length > 0 ? [] : settled };
}

/** What a change is about, whichever way it goes, and however a server spells the name of an entry. */
export function identity({ item, key }: Pick<Change, 'item' | 'key'>): string {
  return `${itemKey(item)}\0${key}`;
}

function itemKey(item: string): string {
  return plainKey(item) ?? item;
}

function equalChange(a: Change, b: Change | undefined): boolean {
  return b !== undefined && meaningOf(a) === meaningOf(b);
}

/** What a change does: equal ones do the same, whatever is said of them. */
export function meaningOf({ action, before, after, moves }: Change): string {
  return canonicalJson([action, before ?? null, after ?? null, moves ?? null]);
}

function settle(planned: Change, live: Change | undefined): readonly ChangeResult[] {
  if (!live) return [{ change: planned, ...sayings.inEffect }];
  return equalChange(planned, live) ? [] : [{ change: planned, ...sayings.moved }];
}

function staleBasis(step: Step): Finding {
  return finding('plan.stale', {
    detail: `${step.id}: ${step.changes.at(0)?.item ?? step.target} was edited after the plan was made. Nothing was written to it.\nMake a new plan, and check what changed.`,
    target: step.target,
  });
}
