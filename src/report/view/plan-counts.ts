import { movesOf } from '../../core/change.ts';
import type { Plan, Step } from '../../core/plan.ts';
import type { ChangeOrigin } from '../../core/report.ts';
import { type Counted, stages } from '../../core/stages.ts';
import { count } from '../../core/units.ts';
import type { PlacedChange } from './placed-changes.ts';
import { capital, originWords } from './words.ts';

/** A number of things, and what they are called. */
export interface PlanCount extends Counted {
  readonly n: number;
  /** What it is called where the number stands apart. */
  readonly label: string;
  /** What is counted; `lost`: what cannot be undone. */
  readonly of: 'hosts' | 'moves' | 'moves-back' | 'accounts' | 'lost' | 'restarts';
}

/** What a plan comes to, for programs. */
export interface PlanNumbers {
  /** Hosts with any change. */
  readonly hosts: number;
  readonly movesToCs7: number;
  readonly movesBackToCs6: number;
  readonly restarts: number;
  /** How many changes each stage has; a stage without any is left out. */
  readonly stages: Readonly<Record<string, number>>;
}

type Steps = Pick<Plan, 'steps'>;

/** How many of each there are. */
export function planNumbers({ steps }: Steps): PlanNumbers {
  return {
    hosts: new Set(steps.map(({ target }) => target).filter(target => target !== 'directory')).size,
    movesToCs7: movesOf(steps, 'cs6->cs7').length,
    movesBackToCs6: movesOf(steps, 'cs7->cs6').length,
    restarts: steps.flatMap(({ changes }) => changes).filter(({ action }) => action === 'restart').length,
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

/** How many changes come from where, in words; nothing where that is not known. */
export function countOrigins(placed: readonly PlacedChange[]): readonly (readonly [string, number])[] {
  return (['planned', 'drift', 'not-applied'] satisfies readonly ChangeOrigin[])
    .map(origin => [originWords[origin], placed.filter(one => one.origin === origin).length] as const)
    .filter(([, n]) => n > 0);
}
