import type { Change } from '../../core/change.ts';
import { count } from '../../core/count.ts';
import { printable } from '../../core/printable.ts';
import type { ChangeOrigin, PlanReport, Trace } from '../../core/report.ts';
import type { Stage } from '../../core/stages.ts';

/** A change with where it is made, and what is known of where it comes from. */
export interface PlacedChange {
  /** Id of the step. */
  readonly step: string;
  readonly kind: string;
  readonly target: string;
  readonly stage: Stage;
  readonly change: Change;
  readonly origin?: ChangeOrigin;
  readonly trace?: Trace;
}

/** Every change of a plan in its order. */
export function placeChanges(report: PlanReport): readonly PlacedChange[] {
  const origins = 'origins' in report ? report.origins : undefined;
  const traces = new Map(('traces' in report ? (report.traces ?? []) : []).map(trace => [traceId(trace), trace]));
  return report.plan.steps.flatMap(({ id, kind, target, stage, changes }, s) =>
    changes.map((change, c) => {
      const origin = origins?.[s]?.[c];
      const trace = traces.get(traceId({ step: id, item: change.item, key: change.key }));
      return { step: id, kind, target, stage, change, ...(origin && { origin }), ...(trace && { trace }) };
    }),
  );
}

function traceId({ step, item, key }: Pick<Trace, 'step' | 'item' | 'key'>): string {
  return JSON.stringify([step, item, key]);
}

/** The same for changes of which the same can be said on different hosts, wherever it stands there. */
export function likeness({ kind, change, origin }: PlacedChange): string {
  const { action, key, before, after, reason } = change;
  return JSON.stringify([kind, action, key, before, after, reason, origin]);
}

/** Where a change comes from, in the words of every format. */
export const originWords: Readonly<Record<ChangeOrigin, string>> = {
  planned: 'planned by this change',
  drift: 'drift',
  'not-applied': 'not applied yet',
};

/** `changed 2026-11-22 02:14Z by root (owner and time of the file)`; one printable line. */
export function renderTrace({ by, at, from }: Trace): string {
  const when = at === undefined ? '' : ` ${shortTime(at)}`;
  return printable(`changed${when}${by === undefined ? '' : ` by ${by}`} (${from})`).replaceAll('\n', ' ');
}

/** A time to the minute, in UTC; text that is none is left as it is. */
export function shortTime(at: string): string {
  return at.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?Z$/, '$1 $2Z');
}

/** `3 hours`, `2 days`: how long before `now` something was; both ISO 8601. */
export function ageText(at: string, now: string): string {
  const minutes = Math.max(0, Math.floor((Date.parse(now) - Date.parse(at)) / 60_000));
  if (minutes < 120) return count(minutes, 'minute');
  return minutes < 2_880 ? count(Math.floor(minutes / 60), 'hour') : count(Math.floor(minutes / 1_440), 'day');
}
