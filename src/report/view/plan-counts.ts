import { movesOf } from '../../core/change.ts';
import type { Plan, Step } from '../../core/plan.ts';
import { type Counted, stages } from '../../core/stages.ts';

/** A number of things, and what they are called. */
export interface PlanCount extends Counted {
  readonly n: number;
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

/** What a plan is counted by, in the order of the stages. No move and no deletion are said as well: that is what is asked first. */
export function planCounts({ steps }: Steps): readonly PlanCount[] {
  const { hosts, restarts } = planNumbers({ steps });
  return [
    { n: hosts, one: 'host changes', many: 'hosts change' },
    ...accountCounts(steps, 'all'),
    { n: restarts, one: 'restart', many: 'restarts' },
  ];
}

/** The same of accounts only: those there are, or also that there are no moves and deletions. */
export function accountCounts(steps: readonly Step[], which: 'all' | 'some'): readonly PlanCount[] {
  const counts = stages.flatMap(({ stage, view, counted }): readonly (PlanCount & { readonly always: boolean })[] => {
    const n = changesOf(steps, stage);
    if (view.by === 'host') return [];
    if (view.by !== 'cohort') return [{ n, ...counted, always: view.by === 'host-account' }];
    const [there, back] = [movesOf(steps, 'cs6->cs7').length, movesOf(steps, 'cs7->cs6').length];
    return [
      { n: there, one: 'move to CS7', many: 'moves to CS7', always: true },
      { n: back, one: 'back to CS6', many: 'back to CS6', always: true },
      { n: n - there - back, ...counted, always: false },
    ];
  });
  return counts
    .filter(({ n, always }) => n > 0 || (always && which === 'all'))
    .map(({ n, one, many }) => ({ n, one, many }));
}

function changesOf(steps: readonly Step[], stage: Step['stage']): number {
  return steps.filter(step => step.stage === stage).reduce((sum, { changes }) => sum + changes.length, 0);
}
