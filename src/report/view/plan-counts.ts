import { type Changes, countFacts, movesOf } from '../../core/change-list.ts';
import type { ChangeOrigin, Plan, Step } from '../../core/plan.ts';
import { type Counted, stages } from '../../core/stages.ts';
import { count } from '../../core/units.ts';
import { numberOf, type PlacedChange } from './placed-changes.ts';
import { capital, originWords } from './words.ts';

/** A number of things, and what they are called. */
export interface PlanCount extends Counted {
  readonly n: number;
  /** What it is called where the number stands apart. */
  readonly label: string;
  /** What is counted; `lost`: what cannot be undone. */
  readonly of: 'hosts' | 'moves' | 'moves-back' | 'accounts' | 'lost' | 'restarts';
}

/** How many changes there are and how many restarts. A restart is never counted as a change: the changes bring it about. */
export interface ChangeNumbers {
  readonly changes: number;
  readonly restarts: number;
}

/** Counts changes: every number of changes that a report shows is from here. */
export function countChanges(all: Changes): ChangeNumbers {
  const restarts = countFacts(all, ({ action }) => action === 'restart');
  return { changes: all.length - restarts, restarts };
}

/** Counts placed changes, with those that they stand for. */
export function countPlaced(placed: readonly PlacedChange[]): ChangeNumbers {
  const restarts = numberOf(placed.filter(({ change }) => change.action === 'restart'));
  return { changes: numberOf(placed) - restarts, restarts };
}

/** Numbers of changes together. */
export function sumNumbers(all: readonly ChangeNumbers[]): ChangeNumbers {
  const sum = (of: keyof ChangeNumbers) => all.reduce((total, one) => total + one[of], 0);
  return { changes: sum('changes'), restarts: sum('restarts') };
}

/** `16 changes, 4 restarts`: what there is any of. */
export function changeNumbersText({ changes, restarts }: ChangeNumbers): string {
  const parts = [
    ...(changes > 0 || restarts === 0 ? [count(changes, 'change')] : []),
    ...(restarts > 0 ? [count(restarts, 'restart')] : []),
  ];
  return parts.join(', ');
}

/** What a plan comes to, for programs. */
export interface PlanNumbers extends ChangeNumbers {
  /** Hosts with any change. */
  readonly hosts: number;
  readonly movesToCs7: number;
  readonly movesBackToCs6: number;
  /** How many changes each stage has; a stage without any is left out. */
  readonly stages: Readonly<Record<string, number>>;
}

type Steps = Pick<Plan, 'steps'>;

/** How many of each there are. */
export function planNumbers({ steps }: Steps): PlanNumbers {
  return {
    ...sumNumbers(steps.map(({ changes }) => countChanges(changes))),
    hosts: new Set(steps.map(({ target }) => target).filter(target => target !== 'directory')).size,
    movesToCs7: movesOf(steps, 'cs6->cs7').length,
    movesBackToCs6: movesOf(steps, 'cs7->cs6').length,
    stages: Object.fromEntries(
      stages.map(({ stage }) => [stage, changesOf(steps, stage)] as const).filter(([, n]) => n > 0),
    ),
  };
}

/** What a plan is counted by, in the order of the stages; no move and no deletion are counted as well: that is what is asked first. */
export function planCounts({ steps }: Steps): readonly PlanCount[] {
  const { hosts, restarts } = planNumbers({ steps });
  return [
    { n: hosts, one: 'host changes', many: 'hosts change', label: 'Hosts that change', of: 'hosts' },
    ...accountCounts(steps).filter(({ n, of }) => n > 0 || of !== 'accounts'),
    { n: restarts, one: 'restart', many: 'restarts', label: 'Restarts', of: 'restarts' },
  ];
}

/** `59 unique ids, 59 moves to CS7`: what changes of accounts there are. */
export function accountCountsText(steps: readonly Step[]): string {
  const there = accountCounts(steps).filter(({ n }) => n > 0);
  return there.map(({ n, one, many }) => count(n, one, many)).join(', ');
}

function accountCounts(steps: readonly Step[]): readonly PlanCount[] {
  return stages.flatMap(({ stage, view, counted }): readonly PlanCount[] => {
    const n = changesOf(steps, stage);
    const label = capital(counted.many);
    if (view.by === 'host') return [];
    if (view.by !== 'cohort') return [{ n, ...counted, label, of: view.by === 'account' ? 'accounts' : 'lost' }];
    const [there, back] = [movesOf(steps, 'cs6->cs7').length, movesOf(steps, 'cs7->cs6').length];
    return [
      { n: there, one: 'move to CS7', many: 'moves to CS7', label: 'Moves to CS7', of: 'moves' },
      { n: back, one: 'back to CS6', many: 'back to CS6', label: 'Moves back to CS6', of: 'moves-back' },
      { n: n - there - back, ...counted, label, of: 'accounts' },
    ];
  });
}

function changesOf(steps: readonly Step[], stage: Step['stage']): number {
  return steps.filter(step => step.stage === stage).reduce((sum, { changes }) => sum + changes.length, 0);
}

/** `3 hosts change, 278 unique ids, …` */
export function planCountsText(plan: Steps): string {
  return planCounts(plan)
    .map(({ n, one, many }) => count(n, one, many))
    .join(', ');
}

/** `7 hosts`, or how many of them were read. */
export function hostsText({ hosts, desired }: Pick<Plan, 'hosts' | 'desired'>): string {
  const all = desired.hosts.length;
  return hosts === all ? count(all, 'host') : `${hosts.toLocaleString('en-US')} of ${count(all, 'host')} read`;
}

/** How many changes come from where, in words; nothing where that is not known. Together they are all changes of the plan. */
export function countOrigins(placed: readonly PlacedChange[]): readonly (readonly [string, number])[] {
  const from = (origin: ChangeOrigin) => placed.filter(one => one.origin === origin);
  return (['planned', 'drift', 'not-applied'] satisfies readonly ChangeOrigin[])
    .map(origin => [originWords[origin], countPlaced(from(origin)).changes] as const)
    .filter(([, n]) => n > 0);
}
