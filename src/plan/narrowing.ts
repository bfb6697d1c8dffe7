import { type Change, targetId } from '../core/change.ts';
import type { Changes } from '../core/change-list.ts';
import { groupBy } from '../core/collections.ts';
import type { Finding } from '../core/finding.ts';
import {
  type Comparison,
  isPartChosen,
  type LeftOut,
  leftOutBy,
  type Narrowing,
  type Plan,
  type Step,
} from '../core/plan.ts';
import { type FindingCode, hasCode } from '../findings/catalogue.ts';
import { guardFindings, sealPlan, weighOwed } from './build.ts';
import { requiredTargets } from './guards.ts';
import { leftOutFinding, waitingOf } from './ignore.ts';
import type { Origins } from './origins.ts';
import { partUnits, type Unit, unitsOf, wholeOf } from './plan-units.ts';
import { missingFindings } from './prerequisites.ts';

/** Findings about what the steps do together: fewer steps may not give them. */
const ofSteps: ReadonlySet<string> = new Set<FindingCode>([
  'plan.too-many-moves',
  'plan.moves-back',
  'plan.too-many-restarts',
  'plan.outside-window',
  'plan.at-date',
]);

/**
 * The plan for a part of the estate. All was read, so that a part which is not safe alone is refused: by the order of the stages,
 * what has to be in effect before a chosen step or has to follow it may not be left out. What is wrong with targets that are left
 * out, and that no kept step depends on, is left out too. `looked`: what was compared, whether or not it differs.
 * `origins` tells where changes come from, where the narrowing asks for that.
 */
export function narrowPlan(plan: Plan, narrowing: Narrowing, looked: readonly Comparison[], origins?: Origins): Plan {
  const all = wholeOf(plan.steps, looked, origins);
  const { kept, left } = partUnits(all, narrowing);
  const steps = stepsOf(plan.steps, kept);
  const concerned = concernedTargets(plan, steps, narrowing, looked, origins);
  const leftOut = [...countLeft(left, narrowing), ...unreadLeftOut(looked, concerned, narrowing)];
  const { digest: _, waiting: __, ...rest } = plan;
  const { only = [], except = [], origin = [] } = narrowing;
  const waiting = waitingOf(plan, narrowing, ofOrigin(looked, narrowing, origins));
  return sealPlan({
    ...rest,
    ...(only.length > 0 && { only }),
    ...(except.length > 0 && { except }),
    ...(origin.length > 0 && { origin }),
    leftOut,
    steps,
    findings: [
      ...weighOwed(keptFindings(plan, steps, concerned, looked), steps, plan.desired),
      ...guardFindings(plan.desired, steps, plan),
      ...missingFindings(all, narrowing),
      leftOutFinding(narrowing, leftOut, plan),
    ],
    ignored: plan.ignored.filter(({ target }) => concerned.has(target)),
    unread: plan.unread.filter(target => concerned.has(target)),
    ...(waiting > 0 && { waiting }),
  });
}

/** Comparisons with the changes that the narrowing chooses by where they come from. */
function ofOrigin(
  looked: readonly Comparison[],
  { origin }: Narrowing,
  origins: Origins | undefined,
): readonly Comparison[] {
  if (!origin || !origins) return looked;
  return looked.map(one => {
    const id = targetId(one);
    return {
      ...one,
      changes: one.changes.filter(
        change => leftOutBy({ origin }, { ...one, origin: origins.of(id, change) }) === undefined,
      ),
    };
  });
}

function stepsOf(steps: readonly Step[], kept: readonly Unit[]): readonly Step[] {
  const units = groupBy(kept, ({ id }) => id);
  const stages = new Set<string>(kept.map(({ stage }) => stage));
  return steps.flatMap(step => {
    const own = units.get(step.id);
    if (!own) return [];
    const all = own.reduce((sum, { changes }) => sum + changes.length, 0) === step.changes.length;
    const after = step.after.filter(name => units.has(name) || stages.has(name));
    return [{ ...step, after, ...(!all && { changes: chosenChanges(step, own) }) }];
  });
}

/** The changes of a step that are in one of its units. A list makes them anew each time, and so they go by their names. */
function chosenChanges({ changes }: Step, own: readonly Unit[]): Changes {
  const [first] = own;
  if (own.length === 1 && first) return first.changes;
  const nameOf = ({ item, key }: Change) => `${item}\0${key}`;
  const chosen = new Set(own.flatMap(unit => unit.changes.map(nameOf)));
  return changes.filter(change => chosen.has(nameOf(change)));
}

/** A kind that found nothing to do has been looked at, too: what could not be read of it is not known to be as wanted. */
function concernedTargets(
  plan: Plan,
  steps: readonly Step[],
  narrowing: Narrowing,
  looked: readonly Comparison[],
  origins: Origins | undefined,
): ReadonlySet<string> {
  const asked = looked.filter(
    one => isPartChosen(narrowing, one, plan.desired.cohorts) && mayCome(targetId(one), narrowing, origins),
  );
  const excepted = new Set(narrowing.except);
  const named = (narrowing.only ?? []).filter(name => !excepted.has(name));
  return new Set([...[...steps, ...asked].map(({ target }) => target), ...named, ...requiredTargets(plan, steps)]);
}

/** Whether a change of it, which may not have been read, can come from where the narrowing asks for. */
function mayCome(id: string, { origin }: Narrowing, origins: Origins | undefined): boolean {
  return !origin || !origins || origins.possible(id).some(one => origin.includes(one));
}

function keptFindings(
  { findings, desired }: Plan,
  steps: readonly Step[],
  concerned: ReadonlySet<string>,
  looked: readonly Comparison[],
): readonly Finding[] {
  const products = new Map(desired.hosts.map(({ name, product }) => [name, product]));
  const configured = new Set(
    steps.filter(({ target, stage }) => stage === `${products.get(target)}-config`).map(({ target }) => target),
  );
  const found = new Set(looked.flatMap(({ target, findings: own }) => own.map(({ code }) => `${code} ${target}`)));
  // What only changes of this plan would owe is not owed without them.
  const isOwed = ({ code, target = '' }: Finding) => found.has(`${code} ${target}`) || configured.has(target);
  return findings.filter(
    one =>
      !ofSteps.has(one.code) &&
      (one.target === undefined || concerned.has(one.target)) &&
      (!hasCode(one, 'plan.restart-owed') || looked.length === 0 || isOwed(one)),
  );
}

/** What of some steps is left out, counted. */
export function leftOutOf(steps: readonly Step[], narrowing: Narrowing): readonly LeftOut[] {
  return countLeft(
    unitsOf(steps).filter(unit => leftOutBy(narrowing, unit) !== undefined),
    narrowing,
  );
}

function countLeft(left: readonly Unit[], narrowing: Narrowing): readonly LeftOut[] {
  return left.map(unit => {
    const { target, kind, cohort, changes } = unit;
    const restarts = changes.filter(({ action }) => action === 'restart').length;
    return {
      by: leftOutBy(narrowing, unit) ?? 'only',
      target,
      kind,
      ...(cohort !== undefined && { cohort }),
      changes: changes.length - restarts,
      restarts,
    };
  });
}

function unreadLeftOut(
  looked: readonly Comparison[],
  concerned: ReadonlySet<string>,
  narrowing: Narrowing,
): readonly LeftOut[] {
  return looked
    .filter(one => one.unread && !concerned.has(one.target))
    .map(({ target, kind }) => {
      const by = leftOutBy(narrowing, { target, kind }) ?? (narrowing.origin ? 'origin' : 'only');
      return { by, target, kind, changes: 0, restarts: 0, unread: true };
    });
}
