import { canonicalJson } from '../core/canonical.ts';
import type { Change, Value } from '../core/change.ts';
import type { Changes } from '../core/change-list.ts';
import { groupBy } from '../core/collections.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { Step } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { rowOf } from '../core/stages.ts';
import { count } from '../core/units.ts';
import { finding } from '../findings/catalogue.ts';
import type { UndoComparison } from '../plan/undo.ts';
import { identity } from './recheck.ts';

/** What another run wrote: one that came later, or what of the same run is not taken back. */
export interface OtherRun {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** What other runs together left of one setting. */
interface Effect {
  readonly run: string;
  readonly step: Step;
  readonly change: Change;
  readonly before?: Value;
  readonly after?: Value;
}

/** Why a step may not be taken back. */
export interface Obstacle {
  readonly step: Step;
  readonly lines: readonly string[];
}

/**
 * What other runs built on: what they wrote over what this run wrote, and what needs it by the order table. What
 * they only put back as this run had written it is no obstacle.
 */
export function builtOn(comparisons: readonly UndoComparison[], others: readonly OtherRun[]): readonly Obstacle[] {
  const effects = effectsOf(others);
  return comparisons.map(comparison => {
    const { step, changes } = comparison;
    const needs = changes.length > 0 ? needed(step, changes, effects) : [];
    return { step, lines: [...overwritten(comparison, effects), ...needs] };
  });
}

/** One finding a step; the command takes back what nothing stands in the way of. */
export function obstacleFindings(
  all: readonly Obstacle[],
  comparisons: readonly UndoComparison[],
  { laterRuns }: { readonly laterRuns: boolean },
): readonly Finding[] {
  const lines = new Map<string, Obstacle>();
  for (const { step, lines: own } of all)
    if (own.length > 0) lines.set(step.id, { step, lines: [...(lines.get(step.id)?.lines ?? []), ...own] });
  const obstacles = [...lines.values()];
  const held = new Set(obstacles.map(({ step }) => step.id));
  const rest = comparisons.filter(({ step, changes }) => changes.length > 0 && !held.has(step.id));
  const only = rest.length > 0 ? [nextCommands.only(rest.map(({ step }) => step.id))] : [];
  const next = [...only, ...(laterRuns ? [nextCommands.andLater()] : [])];
  return obstacles.map(({ step, lines }) => {
    const more = lines.length > shown ? [`and ${count(lines.length - shown, 'more', 'more')}`] : [];
    const remedy = rest.length > 0 ? ' Or undo only the rest:' : '';
    return finding('undo.built-on', {
      detail: printable(
        [`${step.id}:`, ...lines.slice(0, shown), ...more, `First undo these runs.${remedy}`].join('\n'),
      ),
      target: step.target,
      next: next.length > 0 ? next : undefined,
    });
  });
}

const shown = 5;

function effectKey(step: Step, change: Change): string {
  return `${step.id}\0${identity(change)}`;
}

function effectsOf(others: readonly OtherRun[]): ReadonlyMap<string, Effect> {
  const effects = new Map<string, Effect>();
  for (const { name, steps } of others)
    for (const step of steps)
      for (const change of step.changes) {
        const key = effectKey(step, change);
        const first = effects.get(key);
        const before = first ? first.before : change.before;
        const { after } = change;
        effects.set(key, {
          ...{ run: name, step, change },
          ...(before !== undefined && { before }),
          ...(after !== undefined && { after }),
        });
      }
  return effects;
}

/** The inverse change could not be made, and a later run is why. */
function overwritten({ step, refused }: UndoComparison, effects: ReadonlyMap<string, Effect>): readonly string[] {
  const again = refused.flatMap(change => {
    const effect = effects.get(effectKey(step, change));
    // What is taken back is what the run had left.
    return effect && !same(effect.after, change.before) ? [{ run: effect.run, change }] : [];
  });
  const alike = groupBy(again, ({ run, change }) => `run ${run} changed ${change.key} again`);
  return [...alike].map(([line, all]) => `${line} of ${nameOf(all.map(({ change }) => change.item))}`);
}

/** Effects of stages that need this one: of the same account, where both are about one. */
function needed(step: Step, changes: Changes, effects: ReadonlyMap<string, Effect>): readonly string[] {
  if (effects.size === 0) return [];
  const items = new Set(changes.map(({ item }) => identity({ item, key: '' })));
  const needing = [...effects.values()].filter(
    ({ step: other, change, before, after }) =>
      after !== undefined &&
      !same(before, after) &&
      rowOf(other.stage).requires.includes(step.stage) &&
      (step.target !== 'directory' || items.has(identity({ item: change.item, key: '' }))),
  );
  const alike = groupBy(needing, ({ run, step: other, change }) => `run ${run} set ${change.key} (${other.id})`);
  return [...alike].map(([line, all]) => `${line} of ${nameOf(all.map(({ change }) => change.item))}`);
}

function nameOf(items: readonly string[]): string {
  const [first = ''] = items;
  return items.length === 1 ? first : `${count(items.length, 'item')}, such as ${first}`;
}

function same(a: Value | undefined, b: Value | undefined): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null);
}
