import type { Change } from '../../core/change.ts';
import type { PlannedState } from '../../core/connection.ts';
import type { ChangeOrigin, PlanReport, Trace } from '../../core/report.ts';
import { rowOf, type Stage } from '../../core/stages.ts';
import type { Side } from '../../core/verification.ts';

/** A change with where it is made, and what is known of where it comes from. */
export interface PlacedChange {
  /** Id of the step. */
  readonly step: string;
  readonly kind: string;
  readonly target: string;
  /** The side of the host that it is made on; absent for the directory, and for a host that the file does not have. */
  readonly side?: Side;
  readonly stage: Stage;
  /** Whether it is drawn under the host that it is made on, or among changes of accounts. */
  readonly of: 'host' | 'account';
  readonly change: Change;
  readonly origin?: ChangeOrigin;
  readonly trace?: Trace;
}

/** Every change of a plan in its order. */
export function placeChanges(report: PlanReport): readonly PlacedChange[] {
  const origins = 'origins' in report ? report.origins : undefined;
  const traces = new Map(('traces' in report ? (report.traces ?? []) : []).map(trace => [traceId(trace), trace]));
  const sides = sidesOf(report.plan.desired);
  return report.plan.steps.flatMap(({ id, kind, target, stage, changes }, s) => {
    const side = sides.get(target);
    const of = rowOf(stage).view.by === 'host' ? 'host' : 'account';
    return changes.map((change, c): PlacedChange => {
      const origin = origins?.[s]?.[c];
      const trace = traces.get(traceId({ step: id, item: change.item, key: change.key }));
      const known = { ...(side && { side }), ...(origin && { origin }), ...(trace && { trace }) };
      return { step: id, kind, target, stage, of, change, ...known };
    });
  });
}

function traceId({ step, item, key }: Pick<Trace, 'step' | 'item' | 'key'>): string {
  return JSON.stringify([step, item, key]);
}

/** The hosts of the file with the side that each is on. */
export function sidesOf({ cs6, cs7 }: PlannedState): ReadonlyMap<string, Side> {
  return new Map([...cs6.map(({ name }) => [name, 'cs6'] as const), ...cs7.map(({ name }) => [name, 'cs7'] as const)]);
}
