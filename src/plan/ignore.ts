import type { Change } from '../core/change.ts';
import { groupBy } from '../core/collections.ts';
import type { DesiredIgnore } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import {
  type Comparison,
  chosenOf,
  type IgnoredChange,
  type LeftOut,
  type Narrowing,
  type Plan,
} from '../core/plan.ts';
import { rowOf, type Stage } from '../core/stages.ts';
import { count } from '../core/units.ts';
import { finding } from '../findings/catalogue.ts';
import { sameName } from '../ldap/distinguished-name.ts';

/** How many days an entry may lie about after its last day before it is an error. */
const graceDays = 14;

/** Comparisons without what the file says to leave alone, and what that was. Plan and apply both go through here. */
export function setAside(
  comparisons: readonly Comparison[],
  entries: readonly DesiredIgnore[],
  day: string,
): { readonly comparisons: readonly Comparison[]; readonly ignored: readonly IgnoredChange[] } {
  const valid = groupBy(
    entries.filter(entry => day <= entry.until && !isAboutHost(entry)),
    ({ target }) => target,
  );
  const ignored: IgnoredChange[] = [];
  const kept = comparisons.map(comparison => {
    const own = valid.get(comparison.target);
    if (!own) return comparison;
    const changes = comparison.changes.filter(change => {
      const entry = own.find(one => concerns(one, change));
      if (entry)
        ignored.push({
          target: comparison.target,
          change,
          until: entry.until,
          reason: entry.reason,
          owner: entry.owner,
        });
      return entry === undefined;
    });
    return changes.length === comparison.changes.length ? comparison : { ...comparison, changes };
  });
  return { comparisons: kept, ignored };
}

function concerns(entry: DesiredIgnore, change: Change): boolean {
  const sameItem = entry.item === undefined || sameName(entry.item, change.item);
  return entry.key.toLowerCase() === change.key.toLowerCase() && sameItem;
}

/** Entries that are past their day: a reminder first, then an error. */
export function expiryFindings(entries: readonly DesiredIgnore[], day: string): readonly Finding[] {
  return entries
    .filter(entry => day > entry.until)
    .map(entry => {
      const overdue = daysBetween(entry.until, day);
      const left = graceDays - overdue;
      const next =
        left >= 0
          ? `In ${count(left + 1, 'day')} this becomes an error.`
          : `Its last day was ${count(overdue, 'day')} ago.`;
      return finding('ignore.expired', {
        severity: left >= 0 ? 'warning' : 'error',
        detail: `${entry.target} ${entry.key} was left alone until ${entry.until} (${entry.reason}; ask ${entry.owner}). ${next}\nRemove the entry, or set a new day.`,
        where: entry.source,
      });
    });
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}

/** What a plan is made of where the file says that hosts are away. */
interface AwayHosts {
  /** Without the hosts that are away, and without changes that wait for them. */
  readonly comparisons: readonly Comparison[];
  readonly away: readonly string[];
  /** How many changes wait. */
  readonly waiting: number;
  readonly findings: readonly Finding[];
}

/** Whether an entry is about a host that is away, and not about one difference. */
function isAboutHost({ target, key }: Pick<DesiredIgnore, 'target' | 'key'>): boolean {
  return target !== 'directory' && key.toLowerCase() === 'all';
}

/**
 * Leaves out hosts that cannot be read and of which the file says so (`key: all`). What needs every host waits all the same,
 * because nobody knows how the absent one is set. A host that answers again is planned like any other.
 */
export function leaveOutAway(
  comparisons: readonly Comparison[],
  entries: readonly DesiredIgnore[],
  day: string,
): AwayHosts {
  const stated = entries.filter(entry => isAboutHost(entry) && day <= entry.until);
  const unread = new Map(comparisons.flatMap(one => (one.unread ? [[one.target, one.unread] as const] : [])));
  const away = stated.filter(({ target }) => unread.has(target));
  const names = new Set(away.map(({ target }) => target));
  const looked = new Set(comparisons.map(({ target }) => target));
  const present = comparisons.filter(({ target }) => !names.has(target));
  const waits = waitingStages(
    comparisons.filter(({ target }) => names.has(target)),
    present,
  );
  const waiting = present.filter(({ stage }) => waits.has(stage)).reduce((sum, { changes }) => sum + changes.length, 0);
  const waiters =
    waiting === 0
      ? ''
      : `\n${count(waiting, 'change')} that ${waiting === 1 ? 'needs' : 'need'} every host ${waiting === 1 ? 'waits' : 'wait'} for it.`;
  return {
    comparisons: present.map(one => (waits.has(one.stage) ? { ...one, changes: [] } : one)),
    away: [...names],
    waiting,
    findings: [
      ...away.map(entry => absent(entry, unread.get(entry.target), waiters)),
      ...stated.filter(({ target }) => !unread.has(target) && looked.has(target)).map(back),
    ],
  };
}

/** How many changes wait for absent hosts, of those that are chosen. */
export function waitingOf(
  { desired, readAt, at = readAt }: Plan,
  narrowing: Narrowing,
  looked: readonly Comparison[],
): number {
  const chosen = looked.map(one => ({ ...one, changes: chosenOf([one], narrowing)[0]?.changes ?? [] }));
  return leaveOutAway(chosen, desired.ignore, at.slice(0, 10)).waiting;
}

/** The stages that need one of the absent hosts' to be in effect, and those that need such a stage that has changes. */
function waitingStages(absent: readonly Comparison[], present: readonly Comparison[]): ReadonlySet<Stage> {
  const unknown = new Set(absent.map(({ stage }) => stage));
  const waits = new Set<Stage>();
  const inOrder = present.toSorted((a, b) => rowOf(a.stage).position - rowOf(b.stage).position);
  for (const { stage, changes } of inOrder)
    if (changes.length > 0 && rowOf(stage).requires.some(needed => unknown.has(needed) || waits.has(needed)))
      waits.add(stage);
  return waits;
}

function absent(
  { target, until, reason, owner, source }: DesiredIgnore,
  unread: Finding | undefined,
  waiters: string,
): Finding {
  return finding('ignore.away', {
    severity: waiters === '' ? 'note' : 'warning',
    detail: `${target} could not be read (${unread?.code}: ${unread?.summary}). According to the file it is away until ${until}: ${reason} (${owner}).${waiters}`,
    where: source,
    target,
  });
}

function back({ target, until, source }: DesiredIgnore): Finding {
  return finding('ignore.answers', {
    detail: `According to the file ${target} is away until ${until}. But it was read, and is planned like every other host.\nRemove the entry.`,
    where: source,
    target,
  });
}

/** Says in every report what is left out, and by which option. */
export function leftOutFinding(
  narrowing: Narrowing,
  leftOut: readonly LeftOut[],
  { desired }: Pick<Plan, 'desired'>,
): Finding {
  const cohorts = new Set(desired.cohorts.map(({ name }) => name));
  const lines = (['only', 'except', 'origin'] as const)
    .filter(by => (narrowing[by] ?? []).length > 0)
    .map(by => {
      const own = leftOut.filter(one => one.by === by);
      const byCohort = by === 'origin' || narrowing[by]?.some(name => cohorts.has(name)) === true;
      return `Left out by --${by} ${narrowing[by]?.join(',')}: ${leftOutText(own, byCohort)}.`;
    });
  return finding('plan.left-out', { detail: lines.join('\n') });
}

/** How many targets a line names. */
const named = 10;

function leftOutText(all: readonly LeftOut[], byCohort: boolean): string {
  if (all.length === 0) return 'nothing';
  const labelOf = ({ target, cohort }: LeftOut) => (byCohort && cohort !== undefined ? `cohort ${cohort}` : target);
  const parts = [...groupBy(all, labelOf)].map(([label, own]) => `${label} (${numbersText(own)})`);
  const more = parts.length > named ? ` and ${parts.length - named} more` : '';
  return `${parts.slice(0, named).join(', ')}${more}`;
}

function numbersText(all: readonly LeftOut[]): string {
  if (all.some(({ unread }) => unread)) return 'could not be read';
  const [changes, restarts] = [sum(all, 'changes'), sum(all, 'restarts')];
  const parts = [
    ...(changes > 0 ? [count(changes, 'change')] : []),
    ...(restarts > 0 ? [count(restarts, 'restart')] : []),
  ];
  return parts.join(', ');
}

function sum(all: readonly LeftOut[], key: 'changes' | 'restarts'): number {
  return all.reduce((total, one) => total + one[key], 0);
}
