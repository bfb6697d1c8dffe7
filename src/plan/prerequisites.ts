import { groupBy } from '../core/collections.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import { type Narrowing, namesOf } from '../core/plan.ts';
import { rowOf } from '../core/stages.ts';
import { count } from '../core/units.ts';
import { finding } from '../findings/catalogue.ts';
import { stagesBefore } from './guards.ts';
import { owedBy, partUnits, restartName, type Unit, type Whole } from './plan-units.ts';

/** A unit that the chosen ones need, and the first of those. */
interface Needed {
  readonly unit: Unit;
  readonly by: Unit;
  readonly when: When;
}

type When = 'before' | 'after';

/** All that is missing beside the chosen units, with what that needs in turn. */
function neededUnits(all: Whole, narrowing: Narrowing): readonly Needed[] {
  const { kept, left } = partUnits(all, narrowing);
  const find = lookThrough(left, all.looked);
  const needed: Needed[] = [];
  const units = [...kept];
  for (const by of units) {
    for (const [unit, when] of find(by)) {
      units.push(unit);
      needed.push({ unit, by, when });
    }
  }
  return needed;
}

/**
 * Returns what a unit needs of those that are left out, each once. Units of one stage, cohort and kind of origin need the same,
 * besides the restart on their own target: the second of them looks at that only.
 */
function lookThrough(left: readonly Unit[], looked: Whole['looked']): (by: Unit) => readonly (readonly [Unit, When])[] {
  const restarts = groupBy(left, unit => restartName(unit) ?? '');
  const seen = new Set<string>();
  let open = left;
  const taken = new Set<Unit>();
  return by => {
    const alike = `${by.stage} ${by.origin === 'drift'} ${by.cohort}`;
    const isFirst = !seen.has(alike);
    seen.add(alike);
    if (isFirst) open = open.filter(unit => !taken.has(unit));
    const candidates = isFirst ? open : (restarts.get(owedBy(by, looked) ?? '-') ?? []);
    const found = candidates.flatMap((unit): readonly (readonly [Unit, When])[] => {
      const when = taken.has(unit) ? undefined : needOf(by, unit, looked);
      return when === undefined ? [] : [[unit, when]];
    });
    for (const [unit] of found) taken.add(unit);
    return found;
  };
}

/**
 * How one unit needs another. Of what concerns accounts on both sides, that of the same accounts is enough. What drifted was in
 * effect together with all else that was applied last: it needs no change where live is still as it was then.
 */
function needOf(unit: Unit, other: Unit, looked: Whole['looked']): When | undefined {
  if (unit.origin === 'drift' && other.asApplied) return undefined;
  if (stagesBefore(unit.stage).includes(other.stage) && mayBeSameAccounts(unit, other)) return 'before';
  const follows = rowOf(unit.stage).followedBy?.includes(other.stage) === true;
  return follows || isOwed(unit, other, looked) ? 'after' : undefined;
}

function isOwed(changed: Unit, restart: Unit, looked: Whole['looked']): boolean {
  const name = restartName(restart);
  return name !== undefined && name === owedBy(changed, looked);
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
  const loose = new Set<string>();
  for (;;) {
    const { left } = partUnits(all, wider);
    const needed = new Set(neededUnits(all, wider).map(({ unit }) => unit));
    if (needed.size === 0) return spared(all, narrowing, wider, loose);
    wider = withUnits(wider, needed, namer(left, needed), loose);
  }
}

/**
 * Without the added names that later ones made superfluous. A name that chooses nothing but what is needed is superfluous where
 * other names choose all of that too; what only `loose` ones choose has to be looked at.
 */
function spared(all: Whole, narrowing: Narrowing, wider: Narrowing, loose: ReadonlySet<string>): Narrowing {
  const given = new Set(narrowing.only);
  const names = new Set(wider.only);
  const choosing = (unit: Unit) => namesOf(unit).filter(name => names.has(name));
  const pairs = all.units.flatMap(unit => choosing(unit).map(name => ({ name, unit })));
  const chosenBy = groupBy(pairs, ({ name }) => name);
  let isLoose = false;
  for (const name of [...names].filter(one => !given.has(one))) {
    const isCovered = (chosenBy.get(name) ?? []).every(({ unit }) => choosing(unit).length > 1);
    if (!isCovered && !isLoose && !loose.has(name)) continue;
    names.delete(name);
    if (isCovered) continue;
    if (neededUnits(all, { ...wider, only: [...names] }).length > 0) names.add(name);
    else isLoose = true;
  }
  return { ...wider, only: (wider.only ?? []).filter(name => names.has(name)) };
}

function withUnits(
  { only = [], except = [] }: Narrowing,
  needed: ReadonlySet<Unit>,
  nameOf: Namer,
  loose: Set<string>,
): Narrowing {
  const freed = new Set([...needed].flatMap(namesOf));
  const names = new Set(only);
  for (const unit of only.length > 0 ? needed : []) {
    if (namesOf(unit).some(name => names.has(name))) continue;
    const { name, isExact } = nameOf(unit);
    names.add(name);
    if (!isExact) loose.add(name);
  }
  return { only: [...names], except: except.filter(name => !freed.has(name)) };
}

/** `isExact`: it chooses nothing that is not meant. */
type Namer = (unit: Unit) => { readonly name: string; readonly isExact: boolean };

/** Names a unit by what chooses it and as little else as possible: by its host or cohort where all that is left of it is meant. */
function namer(all: readonly Unit[], meant: ReadonlySet<Unit>): Namer {
  const shared = new Set(all.flatMap(unit => (meant.has(unit) ? [] : namesOf(unit))));
  return unit => {
    const names = [unit.target === 'directory' ? undefined : unit.target, unit.kind, unit.cohort, unit.id];
    const exact = names.find(name => name !== undefined && !shared.has(name));
    return { name: exact ?? unit.cohort ?? unit.id, isExact: exact !== undefined };
  };
}

/** What can be done where a part is not safe alone. */
type Remedy = Required<Pick<Finding, 'next'>> & { readonly text: string };

/** Of changes that come from one place, the others are not wanted yet: what needs them is left out instead. */
function smallerRemedy(all: Whole, narrowing: Narrowing): Remedy {
  const without = '--origin';
  let smaller = narrowing;
  for (let needing = needingUnits(all, smaller); needing.size > 0; needing = needingUnits(all, smaller)) {
    const nameOf = namer(partUnits(all, smaller).kept, needing);
    const names = new Set(smaller.except);
    for (const unit of needing) if (!namesOf(unit).some(name => names.has(name))) names.add(nameOf(unit).name);
    smaller = { ...smaller, except: [...names] };
  }
  if (partUnits(all, smaller).kept.length === 0) return { text: `Leave out ${without} to apply everything.`, next: [] };
  const { only = [], except = [], origin = [] } = smaller;
  return {
    text: `Leave out ${without} to apply everything, or leave out what needs these steps:`,
    next: [nextCommands.narrowed({ only, except, origin })],
  };
}

/** The chosen units that need one which is left out. */
function needingUnits(all: Whole, narrowing: Narrowing): ReadonlySet<Unit> {
  const { kept, left } = partUnits(all, narrowing);
  const restarts = new Set(left.flatMap(unit => restartName(unit) ?? []));
  const answers = new Map<string, boolean>();
  return new Set(
    kept.filter(by => {
      const alike = `${by.stage} ${by.origin === 'drift'} ${by.cohort} ${restarts.has(owedBy(by, all.looked) ?? '') && by.id}`;
      const known = answers.get(alike) ?? left.some(unit => needOf(by, unit, all.looked) !== undefined);
      answers.set(alike, known);
      return known;
    }),
  );
}

function widerRemedy(narrowing: Narrowing, wider: Narrowing): Remedy {
  const [only, except] = [wider.only ?? [], wider.except ?? []];
  const [given, remaining] = [new Set(narrowing.only), new Set(except)];
  const added = only.filter(name => !given.has(name));
  const dropped = (narrowing.except ?? []).filter(name => !remaining.has(name));
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
