import { movesOf } from '../../core/change-list.ts';
import { groupBy } from '../../core/collections.ts';
import { hostsOf } from '../../core/desired.ts';
import type { AccountCount, Plan } from '../../core/plan.ts';
import { type StageRow, stages } from '../../core/stages.ts';
import { count } from '../../core/units.ts';
import type { Side } from '../../core/verification.ts';
import type { PlacedChange } from './placed-changes.ts';
import { type FoldedChange, foldChanges, type HostFold } from './placed-changes.ts';

/** Changes under one heading. A section with changes that cannot be undone has no others. */
export interface ChangeSection {
  readonly of: PlacedChange['of'];
  /** What it is about: `cs6 hosts`, `cohort finance`, `directory`. */
  readonly heading: string;
  /** The heading with all that belongs to it in one line. */
  readonly title: string;
  /** The side whose hosts it is about. */
  readonly side?: Side;
  readonly cohort?: CohortMoves;
  readonly irreversible: boolean;
  readonly placed: readonly PlacedChange[];
  readonly changes: readonly FoldedChange[];
}

/** How many accounts of a cohort change sides, against how many may; percentages only where all accounts were counted. */
export interface CohortMoves {
  /** Absent for changes of accounts that belong to no cohort. */
  readonly name?: string;
  readonly there: number;
  readonly back: number;
  readonly limit: string;
  readonly share?: { readonly text: string; readonly percent: number; readonly most: number };
}

/** All changes of a plan in sections: hosts by their side, then accounts stage by stage. Every change is in one of them. */
export function changeSections(plan: Plan, placed: readonly PlacedChange[], hosts: HostFold): readonly ChangeSection[] {
  const heads = [
    ...hostHeads(
      plan,
      placed.filter(({ of }) => of === 'host'),
    ),
    ...stages.flatMap(row =>
      accountHeads(
        row,
        plan,
        placed.filter(({ of, stage }) => of === 'account' && stage === row.stage),
      ),
    ),
  ];
  return heads.flatMap(head => [false, true].flatMap(lost => section(head, lost, hosts)));
}

type Head = Omit<ChangeSection, 'irreversible' | 'changes'>;

function section(head: Head, irreversible: boolean, hosts: HostFold): readonly ChangeSection[] {
  const placed = head.placed.filter(({ change }) => (change.irreversible !== undefined) === irreversible);
  if (placed.length === 0) return [];
  const title = irreversible ? `${head.title}: cannot be undone` : head.title;
  return [{ ...head, title, irreversible, placed, changes: foldChanges(placed, hosts) }];
}

function hostHeads({ desired }: Plan, placed: readonly PlacedChange[]): readonly Head[] {
  const head = (heading: string, hosts: number, own: readonly PlacedChange[], side?: Side): Head => {
    return { of: 'host', heading, title: `${heading} (${hosts})`, ...(side && { side }), placed: own };
  };
  const others = placed.filter(({ side }) => side === undefined);
  return [
    ...(['cs6', 'cs7'] as const).map(side =>
      head(
        `${side} hosts`,
        hostsOf(desired, side).length,
        placed.filter(one => one.side === side),
        side,
      ),
    ),
    head('hosts no longer in the file', new Set(others.map(({ target }) => target)).size, others),
  ];
}

function accountHeads({ view, counted }: StageRow, plan: Plan, placed: readonly PlacedChange[]): readonly Head[] {
  const head = (heading: string, own: readonly PlacedChange[]): Head => {
    return { of: 'account', heading, title: heading, placed: own };
  };
  switch (view.by) {
    case 'host':
      return [];
    case 'cohort':
      return cohortsOf(plan, placed).map(([name, own]) => {
        const cohort = cohortMoves(name, plan);
        const one = head(name === undefined ? 'other accounts' : `cohort ${name}`, own);
        return { ...one, title: `${one.heading}  ${movesText(cohort, plan.accounts)}`, cohort };
      });
    case 'account':
      return [head(plan.direction === 'undo' ? counted.many : view.heading, placed)];
    case 'host-account':
      return [...groupBy(placed, ({ target }) => target)].map(([target, own]) =>
        head(
          view.heading.replace('{host}', () => target),
          own,
        ),
      );
  }
}

/** Those of the file in its order, then any other. */
function cohortsOf(
  { desired }: Plan,
  placed: readonly PlacedChange[],
): readonly (readonly [string | undefined, readonly PlacedChange[]])[] {
  const groups = new Set(placed.map(({ change }) => change.group));
  const named = desired.cohorts.map(({ name }) => name).filter(name => groups.has(name));
  return [...new Set([...named, ...groups])].map(name => [name, placed.filter(({ change }) => change.group === name)]);
}

function cohortMoves(name: string | undefined, { steps, accounts, desired }: Plan): CohortMoves {
  const own = steps.map(({ changes }) => ({ changes: changes.filter(({ group }) => group === name) }));
  const there = movesOf(own, 'cs6->cs7').length;
  const allowed = desired.cohorts.find(cohort => cohort.name === name)?.limit ?? desired.limits.moves;
  const moves = {
    ...(name !== undefined && { name }),
    there,
    back: movesOf(own, 'cs7->cs6').length,
    limit: `limit ${'accounts' in allowed ? count(allowed.accounts, 'account') : `${allowed.percent} %`}`,
  };
  if (!accounts.all || accounts.counted === 0) return moves;
  const percent = (100 * there) / accounts.counted;
  const most = 'accounts' in allowed ? (100 * allowed.accounts) / accounts.counted : allowed.percent;
  return { ...moves, share: { text: `${percent.toFixed(1)} %`, percent, most } };
}

/** `59 of 320 accounts move cs6 -> cs7 (18.4 %, limit 25 %), 24 of 320 accounts move back cs7 -> cs6` */
function movesText({ there, back, share, limit }: CohortMoves, accounts: AccountCount): string {
  const number = (n: number) =>
    `${n.toLocaleString('en-US')} of ${accountsText(accounts)} ${n === 1 ? 'moves' : 'move'}`;
  const moves = [
    ...(there > 0 ? [`${number(there)} cs6 -> cs7 (${share ? `${share.text}, ` : ''}${limit})`] : []),
    ...(back > 0 ? [`${number(back)} back cs7 -> cs6`] : []),
  ];
  return moves.length === 0 ? 'no account changes sides' : moves.join(', ');
}

/** `320 accounts`, or that there are more than were counted, or that they were not counted at all. */
export function accountsText(accounts: AccountCount): string {
  if (!wasCounted(accounts)) return 'accounts not counted';
  const { counted, all } = accounts;
  return all ? count(counted, 'account') : `${count(counted, 'account')} or more`;
}

/** Whether the accounts were counted: none, and not to the end, is no count. */
export function wasCounted({ counted, all }: AccountCount): boolean {
  return counted > 0 || all;
}
