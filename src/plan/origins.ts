import { canonicalJson } from '../core/canonical.ts';
import { type Change, targetId, type Value } from '../core/change.ts';
import { groupBy } from '../core/collections.ts';
import type { PlannedState } from '../core/connection.ts';
import type { Declared, ManagedTarget } from '../core/declared.ts';
import type { Finding } from '../core/finding.ts';
import { type ChangeOrigin, type Comparison, changeOrigins, type Step } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { finding } from '../findings/catalogue.ts';
import { owedOf } from './build.ts';

type AskedFor = Pick<Step, 'id' | 'changes'>;

/** What another wanted state than the planned one asks for, over the same live state. */
export interface EarlierWish {
  readonly asked: readonly AskedFor[];
  /** Ids of everything that it looks after, whether that differs or not. */
  readonly targets: ReadonlySet<string>;
}

/** What a wanted state asks for on a day, by its comparisons. */
export function wishOf(
  desired: Pick<PlannedState, 'ignore'>,
  comparisons: readonly Comparison[],
  day: string,
): EarlierWish {
  const asked = owedOf(desired, comparisons, day).comparisons.map(one => ({ ...one, id: targetId(one) }));
  return { asked, targets: new Set(asked.map(({ id }) => id)) };
}

/** Where changes come from. */
export interface Origins {
  readonly of: (step: string, change: Change) => ChangeOrigin;
  /** Where changes of a target and kind can come from at all: what was never asked for has not drifted. */
  readonly possible: (step: string) => readonly ChangeOrigin[];
  /** Whether live is as was applied last, there where a change is made. */
  readonly isAsApplied: (step: string, change: Change) => boolean;
}

/**
 * Where changes come from, by the base, which the planned state is compared with, and by what was carried out last. Two states
 * ask for the same change where they would bring about the same; with which explanation, and for which cohort, does not matter.
 *
 * | the base asks for it | what was applied last asks for it |               |
 * |----------------------|-----------------------------------|---------------|
 * | no                   |                                   | `planned`     |
 * | yes                  | no                                | `not-applied` |
 * | yes                  | yes                               | `drift`       |
 */
export function originsOf(base: EarlierWish, applied: EarlierWish): Origins {
  const [inBase, inApplied] = [changesOf(base.asked), changesOf(applied.asked)];
  const unlikeApplied = new Set(applied.asked.flatMap(({ id, changes }) => changes.map(one => placeOf(id, one))));
  return {
    of: (step, change) => {
      const name = nameOf(step, change);
      if (!inBase.has(name)) return 'planned';
      return inApplied.has(name) ? 'drift' : 'not-applied';
    },
    possible: step => {
      if (!base.targets.has(step)) return ['planned'];
      return applied.targets.has(step) ? changeOrigins : ['planned', 'not-applied'];
    },
    isAsApplied: (step, change) => applied.targets.has(step) && !unlikeApplied.has(placeOf(step, change)),
  };
}

/** Where each change of some steps comes from, in their order. */
export function labelOrigins(steps: readonly AskedFor[], { of }: Origins): readonly (readonly ChangeOrigin[])[] {
  return steps.map(({ id, changes }) => changes.map(change => of(id, change)));
}

function changesOf(steps: readonly AskedFor[]): ReadonlySet<string> {
  return new Set(steps.flatMap(({ id, changes }) => changes.map(change => nameOf(id, change))));
}

function nameOf(step: string, { action, item, key, after }: Change): string {
  return canonicalJson([step, action, item, key, after === undefined ? null : asSet(after)]);
}

function placeOf(step: string, { item, key }: Change): string {
  return canonicalJson([step, item, key]);
}

function asSet(value: Value): Value {
  return typeof value === 'string' ? value : value.toSorted();
}

/** How many names a finding has. */
const named = 10;

/**
 * What an earlier wanted state asks for and this one does not. Hosts and settings are left alone from now on, as they are, which
 * no plan shows: one finding for each host and one for the settings of each target, and one for each thing that does not stay
 * as it is. Services stay out of it: that one need not have read its files any more changes nothing.
 */
export function letGoFindings(
  earlier: readonly WantedOf[],
  wanted: readonly WantedOf[],
  name = 'the base',
): readonly Finding[] {
  const kept = groupBy(wanted, ({ target }) => target);
  return [...groupBy(earlier, ({ target }) => target)].flatMap(([target, was]) => {
    const still = kept.get(target);
    if (!still) return [hostGone(target, name)];
    const labels = new Set(declaredOf(still).map(({ label }) => label));
    const gone = declaredOf(was).filter(({ label }) => !labels.has(label));
    const left = gone.filter(({ dropped }) => dropped === undefined).map(({ label }) => label);
    return [
      ...(left.length === 0 ? [] : [settingsGone(target, someOf(left), name)]),
      ...gone.flatMap(({ label, dropped }) => (dropped === undefined ? [] : [dropGone(target, label, dropped, name)])),
    ];
  });
}

/** What a kind looks after on a target; one with `activates` is about a service and no setting. */
type WantedOf = ManagedTarget & { readonly activates?: unknown };

function declaredOf(wanted: readonly WantedOf[]): readonly Declared[] {
  return wanted
    .filter(({ activates }) => activates === undefined)
    .flatMap(({ declared }) => declared.filter(one => !one.unchanged));
}

function letGo(target: string, detail: string): Finding {
  return finding('base.let-go', { detail: printable(detail), target });
}

function hostGone(target: string, name: string): Finding {
  return letGo(
    target,
    `${target}: ${name} asks for ${target} itself, and this file does not. The host is no longer read, and stays as it is.\nIf it still runs, make sure that it does not create calendars for accounts that move.`,
  );
}

function settingsGone(target: string, what: string, name: string): Finding {
  return letGo(
    target,
    `${target}: ${name} manages ${what}, and this file does not. The live state stays as it is.\nTo remove a key from a server, set its value to ~.`,
  );
}

function dropGone(target: string, label: string, dropped: string, name: string): Finding {
  return letGo(target, `${label}: ${name} asks for it, and this file does not. ${dropped}`);
}

function someOf(names: readonly string[]): string {
  const shown = printable(names.slice(0, named).join(', '));
  return names.length > named ? `${shown} and ${names.length - named} more` : shown;
}
