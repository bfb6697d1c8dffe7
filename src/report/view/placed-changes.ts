import type { Change } from '../../core/change.ts';
import { ChangeList, type Changes } from '../../core/change-list.ts';
import { groupBy } from '../../core/collections.ts';
import type { PlannedState } from '../../core/connection.ts';
import type { SourcePosition } from '../../core/finding.ts';
import type { ChangeOrigin } from '../../core/plan.ts';
import type { PlanReport, Trace } from '../../core/report.ts';
import { rowOf, type Stage } from '../../core/stages.ts';
import type { Side } from '../../core/verification.ts';
import { type Comparing, renderPair, renderPosition, renderValues } from './words.ts';

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
  readonly comparing: Comparing;
  readonly origin?: ChangeOrigin;
  readonly trace?: Trace;
  /** Set on a change of a long list, of which only the first of each sort are placed. */
  readonly list?: ListPlace;
}

/** What a placed change stands for. */
interface ListPlace {
  /** How many more changes it stands for that are not placed. */
  readonly more: number;
  /** Whether all of the list have the same values. */
  readonly alike: boolean;
}

/** Every change of a plan in its order; of a long list the first of each sort, which stand for the others. */
export function placeChanges(report: PlanReport): readonly PlacedChange[] {
  const origins = 'origins' in report ? report.origins : undefined;
  const traces = new Map(('traces' in report ? (report.traces ?? []) : []).map(trace => [traceId(trace), trace]));
  const sides = sidesOf(report.plan.desired);
  const comparing = report.command === 'drift' ? 'drift' : 'change';
  return report.plan.steps.flatMap(({ id, kind, target, stage, changes }, s) => {
    const side = sides.get(target);
    const of = rowOf(stage).view.by === 'host' ? 'host' : 'account';
    const own = origins?.[s];
    return shownOf(changes, own).map(({ change, place, list }): PlacedChange => {
      const origin = own?.[place];
      const trace = traces.get(traceId({ step: id, item: change.item, key: change.key }));
      const known = {
        ...(side && { side }),
        ...(origin && { origin }),
        ...(trace && { trace }),
        ...(list && { list }),
      };
      return { step: id, kind, target, stage, of, change, comparing, ...known };
    });
  });
}

/** How many changes of each sort of a long list are shown. */
const mostShown = 100;

interface ShownChange {
  readonly change: Change;
  readonly place: number;
  readonly list?: ListPlace;
}

/** What is shown of changes: all of them, or of a list the first of each sort, the last of which stands for the rest. */
function shownOf(changes: Changes, origins: readonly ChangeOrigin[] | undefined): readonly ShownChange[] {
  if (!(changes instanceof ChangeList)) return changes.map((change, place) => ({ change, place }));
  const sorts = new Map<string, { readonly shown: ShownChange[]; n: number }>();
  const alike = changes.counts.every(one => one.alike);
  let place = 0;
  for (const change of changes) {
    const { action, key, group, reason } = change;
    const name = JSON.stringify([action, key, group, reason, origins?.[place]]);
    const sort = sorts.get(name) ?? { shown: [], n: 0 };
    sorts.set(name, sort);
    if (sort.n++ < mostShown) sort.shown.push({ change, place, list: { more: 0, alike } });
    place++;
  }
  const all = [...sorts.values()].flatMap(({ shown, n }) =>
    shown.map((one, i) => (i === mostShown - 1 ? { ...one, list: { more: n - mostShown, alike } } : one)),
  );
  return all.toSorted((a, b) => a.place - b.place);
}

/** How many changes placed ones stand for. */
export function numberOf(placed: readonly PlacedChange[]): number {
  return placed.reduce((sum, { list }) => sum + 1 + (list?.more ?? 0), 0);
}

function traceId({ step, item, key }: Pick<Trace, 'step' | 'item' | 'key'>): string {
  return JSON.stringify([step, item, key]);
}

/** The hosts of the file with the side that each is on. */
export function sidesOf({ hosts }: PlannedState): ReadonlyMap<string, Side> {
  return new Map(hosts.map(({ name, product }) => [name, product]));
}

/** Changes about which the same is said: they differ in the host or the account only. */
export interface FoldedChange {
  readonly first: PlacedChange;
  readonly all: readonly PlacedChange[];
  /** How many they are, with those that they stand for. */
  readonly n: number;
  /** `alike`: all have the same values; `given`: each gets a value of its own; `taken`: each loses a value of its own. */
  readonly values: 'alike' | 'given' | 'taken';
}

/** Whether changes of hosts are folded over the hosts as well. Changes of accounts are always folded. */
export type HostFold = 'each' | 'folded';

/** Changes in groups about which the same is said, in the order of the first of each. */
export function foldChanges(placed: readonly PlacedChange[], hosts: HostFold): readonly FoldedChange[] {
  const keyOf = (one: PlacedChange, i: number) => (hosts === 'each' && one.of === 'host' ? String(i) : likeness(one));
  const keys = new Map(placed.map((one, i) => [one, keyOf(one, i)]));
  return [...groupBy(placed, one => keys.get(one) ?? '').values()].flatMap(folded);
}

function folded(all: readonly PlacedChange[]): readonly FoldedChange[] {
  const [first] = all;
  return first ? [{ first, all, n: numberOf(all), values: valuesOf(all) }] : [];
}

/** A value that is copied for each account, or lost by each, does not tell changes apart. */
function likeness({ kind, target, stage, of, change, origin, list }: PlacedChange): string {
  const { action, key, group, irreversible, before, after, reason } = change;
  const lost = irreversible !== undefined;
  const copied = rowOf(stage).settles === 'unique-id' && (action === 'create' || list !== undefined);
  const taken = copied && action === 'delete';
  const among = of === 'host' ? [] : [target, rowOf(stage).view.by === 'cohort' ? group : undefined];
  return JSON.stringify([kind, among, action, key, lost || taken || before, copied || after, reason, origin, lost]);
}

function valuesOf(all: readonly PlacedChange[]): FoldedChange['values'] {
  const differ = (side: 'before' | 'after') =>
    new Set(all.map(({ change }) => JSON.stringify(change[side]))).size > 1 ||
    all.some(({ change, list }) => change[side] !== undefined && list?.alike === false);
  return differ('after') ? 'given' : differ('before') ? 'taken' : 'alike';
}

/** The words for values that are not the same for all. */
export const ownValueWords = { given: 'a value of its own for each', taken: 'all there are' } as const;

/** The values of folded changes in a line, as far as they are the same. */
export function renderFoldedValues({ first, values }: FoldedChange): string {
  const { change, comparing } = first;
  if (values === 'given') return renderPair('(none)', ownValueWords.given, comparing);
  return values === 'taken' ? renderPair(ownValueWords.taken, '(none)', comparing) : renderValues(change, comparing);
}

/** The different places on hosts that say otherwise, in the order of the changes. */
export function livePlaces({ all }: FoldedChange): readonly SourcePosition[] {
  return distinctPlaces(all.flatMap(({ change }) => change.live ?? []));
}

/** The place on a host that says otherwise, where it is the same for all of them. */
export function commonLivePlace(folded: FoldedChange): SourcePosition | undefined {
  const [place, ...others] = livePlaces(folded);
  return others.length === 0 && folded.all.every(({ change }) => change.live) ? place : undefined;
}

/** The different lines of the user's file that ask for them. */
export function askingPlaces({ all }: FoldedChange): readonly SourcePosition[] {
  return distinctPlaces(all.flatMap(({ change }) => change.source ?? []));
}

function distinctPlaces(places: readonly SourcePosition[]): readonly SourcePosition[] {
  return [...new Map(places.map(place => [renderPosition(place), place])).values()];
}

/** The cohort that all of them belong to. */
export function commonCohort({ first, all }: FoldedChange): string | undefined {
  const { group } = first.change;
  return all.every(({ change }) => change.group === group) ? group : undefined;
}

/** How many traces a folded change has in full. */
export const mostTraces = 3;
