import { type Change, targetId } from '../core/change.ts';
import { groupBy } from '../core/collections.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import {
  type Comparison,
  isNamed,
  isPartChosen,
  type LeftOut,
  leftOutBy,
  type Narrowing,
  type Plan,
  type Step,
} from '../core/plan.ts';
import { rowOf } from '../core/stages.ts';
import { count } from '../core/units.ts';
import { type FindingCode, finding, hasCode } from '../findings/catalogue.ts';
import { guardFindings, sealPlan, weighOwed } from './build.ts';
import { requiredTargets, stagesBefore } from './guards.ts';
import { leftOutFinding, waitingOf } from './ignore.ts';

/** The changes of a step that names tell apart: those of one cohort, or all where it concerns no accounts. */
interface Unit extends Pick<Step, 'id' | 'kind' | 'target' | 'stage'> {
  readonly cohort: string | undefined;
  readonly changes: readonly Change[];
}

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
 */
export function narrowPlan(plan: Plan, narrowing: Narrowing, looked: readonly Comparison[]): Plan {
  const all: Whole = { units: unitsOf(plan.steps), looked };
  const steps = stepsOf(plan.steps, partUnits(all, narrowing).kept);
  const concerned = concernedTargets(plan, steps, narrowing, looked);
  const leftOut = [...leftOutOf(plan.steps, narrowing), ...unreadLeftOut(looked, concerned, narrowing)];
  const { digest: _, waiting: __, ...rest } = plan;
  const { only = [], except = [] } = narrowing;
  const waiting = waitingOf(plan, narrowing, looked);
  return sealPlan({
    ...rest,
    ...(only.length > 0 && { only }),
    ...(except.length > 0 && { except }),
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

function unitsOf(steps: readonly Step[]): readonly Unit[] {
  return steps.flatMap(({ id, kind, target, stage, changes }) => {
    const about = { id, kind, target, stage };
    if (rowOf(stage).view.by === 'host') return [{ ...about, cohort: undefined, changes }];
    const cohorts = groupBy(changes, ({ group = '' }) => group);
    return [...cohorts].map(([name, own]) => ({ ...about, cohort: name === '' ? undefined : name, changes: own }));
  });
}

/** All units of a plan, and what was compared. */
interface Whole {
  readonly units: readonly Unit[];
  readonly looked: readonly Comparison[];
}

interface Parts {
  readonly kept: readonly Unit[];
  readonly left: readonly Unit[];
}

/** A restart that only the changes of this plan would owe is not due without them. */
function partUnits({ units, looked }: Whole, narrowing: Narrowing): Parts {
  const chosen = units.filter(unit => leftOutBy(narrowing, unit) === undefined);
  const kept = chosen.filter(unit => isDue(unit, looked) || chosen.some(other => owes(other, unit, looked)));
  return { kept, left: units.filter(unit => leftOutBy(narrowing, unit) !== undefined) };
}

function lookedAt({ id }: Pick<Unit, 'id'>, looked: readonly Comparison[]): Comparison | undefined {
  return looked.find(one => targetId(one) === id);
}

/** Whether it is a difference by itself: the restart of a service that runs with its configuration is not. */
function isDue(unit: Unit, looked: readonly Comparison[]): boolean {
  return rowOf(unit.stage).brings === undefined || lookedAt(unit, looked)?.changes.length !== 0;
}

/** Whether a change takes effect with this restart only. */
function owes(changed: Unit, restart: Unit, looked: readonly Comparison[]): boolean {
  const takenUp = lookedAt(changed, looked)?.takenUp !== undefined;
  return changed.target === restart.target && rowOf(restart.stage).brings === changed.stage && !takenUp;
}

function stepsOf(steps: readonly Step[], kept: readonly Unit[]): readonly Step[] {
  const ids = new Set(kept.map(({ id }) => id));
  return steps.flatMap(step => {
    if (!ids.has(step.id)) return [];
    const own = kept.filter(({ id }) => id === step.id);
    const all = own.reduce((sum, { changes }) => sum + changes.length, 0) === step.changes.length;
    const chosen = new Set(own.flatMap(({ changes }) => changes));
    const after = step.after.filter(id => ids.has(id));
    return [{ ...step, after, ...(!all && { changes: step.changes.filter(change => chosen.has(change)) }) }];
  });
}

/** A kind that found nothing to do has been looked at, too: what could not be read of it is not known to be as wanted. */
function concernedTargets(
  plan: Plan,
  steps: readonly Step[],
  narrowing: Narrowing,
  looked: readonly Comparison[],
): ReadonlySet<string> {
  const asked = looked.filter(one => isPartChosen(narrowing, one, plan.desired.cohorts));
  const named = (narrowing.only ?? []).filter(name => !narrowing.except?.includes(name));
  return new Set([...[...steps, ...asked].map(({ target }) => target), ...named, ...requiredTargets(plan, steps)]);
}

function keptFindings(
  { findings, desired }: Plan,
  steps: readonly Step[],
  concerned: ReadonlySet<string>,
  looked: readonly Comparison[],
): readonly Finding[] {
  const configured = (name: string | undefined) => {
    const host = desired.hosts.find(one => one.name === name);
    return steps.some(({ target, stage }) => target === name && stage === `${host?.product}-config`);
  };
  // What only changes of this plan would owe is not owed without them.
  const isOwed = (one: Finding) =>
    looked.some(({ target, findings: own }) => target === one.target && own.some(({ code }) => code === one.code)) ||
    configured(one.target);
  return findings.filter(
    one =>
      !ofSteps.has(one.code) &&
      (one.target === undefined || concerned.has(one.target)) &&
      (!hasCode(one, 'plan.restart-owed') || looked.length === 0 || isOwed(one)),
  );
}

/** A unit that the chosen ones need, and the first of those. */
interface Needed {
  readonly unit: Unit;
  readonly by: Unit;
  readonly when: 'before' | 'after';
}

/** All that is missing beside the chosen units, with what that needs in turn. */
function neededUnits(all: Whole, narrowing: Narrowing): readonly Needed[] {
  const { kept, left } = partUnits(all, narrowing);
  const needed: Needed[] = [];
  const taken = new Set<Unit>();
  const units = [...kept];
  for (let i = 0; i < units.length; i++) {
    const by = units[i];
    for (const unit of by ? left : []) {
      const when = taken.has(unit) || !by ? undefined : needOf(by, unit, all.looked);
      if (!by || when === undefined) continue;
      taken.add(unit);
      units.push(unit);
      needed.push({ unit, by, when });
    }
  }
  return needed;
}

/** How one unit needs another. Of what concerns accounts on both sides, that of the same accounts is enough. */
function needOf(unit: Unit, other: Unit, looked: readonly Comparison[]): Needed['when'] | undefined {
  if (stagesBefore(unit.stage).includes(other.stage) && mayBeSameAccounts(unit, other)) return 'before';
  const follows = rowOf(unit.stage).followedBy?.includes(other.stage) === true;
  return follows || owes(unit, other, looked) ? 'after' : undefined;
}

function mayBeSameAccounts(a: Unit, b: Unit): boolean {
  const known = [a, b].every(({ stage, cohort }) => rowOf(stage).view.by !== 'host' && cohort !== undefined);
  return !known || a.cohort === b.cohort;
}

/** How many steps a finding names. */
const named = 10;

function missingFindings(all: Whole, narrowing: Narrowing): readonly Finding[] {
  const needed = neededUnits(all, narrowing);
  if (needed.length === 0) return [];
  const wider = widened(all, narrowing);
  const lines = needed
    .slice(0, named)
    .map(({ unit, by, when }) => `    ${unitText(unit)}, needed ${when} ${unitText(by)}`);
  const more = needed.length > named ? [`    and ${count(needed.length - named, 'more', 'more')}`] : [];
  const [target, ...others] = new Set(needed.map(({ unit }) => unit.target));
  const { text, next } = remedyOf(narrowing, wider);
  return [
    finding('plan.prerequisite-left-out', {
      detail: ['The chosen steps are not safe without these, which are left out:', ...lines, ...more, text].join('\n'),
      next,
      target: others.length === 0 ? target : undefined,
    }),
  ];
}

function unitText({ id, cohort }: Unit): string {
  return cohort === undefined ? id : `${id} (cohort ${cohort})`;
}

/** The smallest widening by names that leaves nothing open. */
function widened(all: Whole, narrowing: Narrowing): Narrowing {
  let wider = narrowing;
  for (;;) {
    const { left } = partUnits(all, wider);
    const needed = new Set(neededUnits(all, wider).map(({ unit }) => unit));
    if (needed.size === 0) return spared(all, narrowing, wider);
    for (const unit of needed) wider = withUnit(wider, unit, left, needed);
  }
}

/** Without the added names that later ones made superfluous. */
function spared(all: Whole, narrowing: Narrowing, wider: Narrowing): Narrowing {
  let { only = [] } = wider;
  for (const name of only.filter(one => !narrowing.only?.includes(one))) {
    const fewer = only.filter(other => other !== name);
    if (neededUnits(all, { ...wider, only: fewer }).length === 0) only = fewer;
  }
  return { ...wider, only };
}

function withUnit(narrowing: Narrowing, unit: Unit, left: readonly Unit[], needed: ReadonlySet<Unit>): Narrowing {
  const { only = [], except = [] } = narrowing;
  const remaining = except.filter(name => !isNamed([name], unit));
  const isChosen = only.length === 0 || isNamed(only, unit);
  return { only: isChosen ? only : [...only, nameOf(unit, left, needed)], except: remaining };
}

/** The name that chooses a unit and as little else as possible: of a host or a cohort where all that is left of it is needed. */
function nameOf(unit: Unit, left: readonly Unit[], needed: ReadonlySet<Unit>): string {
  const names = [unit.target === 'directory' ? undefined : unit.target, unit.kind, unit.cohort, unit.id];
  const exact = names.find(
    name => name !== undefined && left.every(other => needed.has(other) || !isNamed([name], other)),
  );
  return exact ?? unit.cohort ?? unit.id;
}

function remedyOf(narrowing: Narrowing, wider: Narrowing): { readonly text: string; readonly next: Finding['next'] } {
  const [only, except] = [wider.only ?? [], wider.except ?? []];
  const added = only.filter(name => !narrowing.only?.includes(name));
  const dropped = (narrowing.except ?? []).filter(name => !except.includes(name));
  const parts = [
    ...(added.length > 0 ? [`add ${added.join(', ')} to --only`] : []),
    ...(dropped.length > 0 ? [`take ${dropped.join(', ')} out of --except`] : []),
  ];
  const text = parts.join(', and ');
  return {
    text: `${text.slice(0, 1).toUpperCase()}${text.slice(1)}:`,
    next: [nextCommands.narrowed({ only, except })],
  };
}

/** What of some steps is left out, counted. */
export function leftOutOf(steps: readonly Step[], narrowing: Narrowing): readonly LeftOut[] {
  const left = unitsOf(steps).filter(unit => leftOutBy(narrowing, unit) !== undefined);
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
      const by = leftOutBy(narrowing, { target, kind }) ?? 'only';
      return { by, target, kind, changes: 0, restarts: 0, unread: true };
    });
}
