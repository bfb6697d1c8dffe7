import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import { type Comparison, isNamed, type Narrowing } from '../core/plan.ts';
import { rowOf } from '../core/stages.ts';
import { count } from '../core/units.ts';
import { finding } from '../findings/catalogue.ts';
import { stagesBefore } from './guards.ts';
import { owes, partUnits, type Unit, type Whole } from './plan-units.ts';

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

/**
 * How one unit needs another. Of what concerns accounts on both sides, that of the same accounts is enough. What drifted was in
 * effect together with all else that was applied last: it needs no change where live is still as it was then.
 */
function needOf(unit: Unit, other: Unit, looked: readonly Comparison[]): Needed['when'] | undefined {
  if (unit.origin === 'drift' && other.asApplied) return undefined;
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

/** What the chosen steps are not safe without, and what can be done about that. */
export function missingFindings(all: Whole, narrowing: Narrowing): readonly Finding[] {
  const needed = neededUnits(all, narrowing);
  if (needed.length === 0) return [];
  const lines = needed
    .slice(0, named)
    .map(({ unit, by, when }) => `    ${unitText(unit)}, needed ${when} ${unitText(by)}`);
  const more = needed.length > named ? [`    and ${count(needed.length - named, 'more', 'more')}`] : [];
  const [target, ...others] = new Set(needed.map(({ unit }) => unit.target));
  const { text, next } = narrowing.origin
    ? smallerRemedy(all, narrowing)
    : widerRemedy(narrowing, widened(all, narrowing));
  return [
    finding('plan.prerequisite-left-out', {
      detail: ['The chosen steps are not safe without these, which are left out:', ...lines, ...more, text].join('\n'),
      next,
      target: others.length === 0 ? target : undefined,
    }),
  ];
}

function unitText({ id, cohort, origin }: Unit): string {
  const about = [...(cohort === undefined ? [] : [`cohort ${cohort}`]), ...(origin === undefined ? [] : [origin])];
  return about.length === 0 ? id : `${id} (${about.join(', ')})`;
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

/** What can be done where a part is not safe alone. */
type Remedy = Required<Pick<Finding, 'next'>> & { readonly text: string };

/** Of changes that come from one place, the others are not wanted yet: what needs them is left out instead. */
function smallerRemedy(all: Whole, narrowing: Narrowing): Remedy {
  const without = '--origin';
  let smaller = narrowing;
  for (let needed = neededUnits(all, smaller); needed.length > 0; needed = neededUnits(all, smaller)) {
    const { kept } = partUnits(all, smaller);
    const needing = new Set(needed.map(({ by }) => by));
    const [first] = kept.filter(unit => needing.has(unit));
    if (!first) break;
    smaller = { ...smaller, except: [...(smaller.except ?? []), nameOf(first, kept, needing)] };
  }
  if (partUnits(all, smaller).kept.length === 0) return { text: `Leave out ${without} to apply everything.`, next: [] };
  const { only = [], except = [], origin = [] } = smaller;
  return {
    text: `Leave out ${without} to apply everything, or leave out what needs these steps:`,
    next: [nextCommands.narrowed({ only, except, origin })],
  };
}

function widerRemedy(narrowing: Narrowing, wider: Narrowing): Remedy {
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
    next: [nextCommands.narrowed({ only, except, origin: [] })],
  };
}
