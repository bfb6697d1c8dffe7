import { count } from '../core/count.ts';
import type { DesiredIgnore } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { Comparison } from '../core/plan.ts';
import { rowOf, type Stage } from '../core/stages.ts';
import { finding } from '../findings/catalogue.ts';

/** What a plan is made of where the file says that hosts are away. */
export interface AwayHosts {
  /** Without the hosts that are away, and without changes that wait for them. */
  readonly comparisons: readonly Comparison[];
  readonly away: readonly string[];
  /** How many changes wait. */
  readonly waiting: number;
  readonly findings: readonly Finding[];
}

/** Whether an entry is about a host that is away, and not about one difference. */
export function isAboutHost({ target, key }: Pick<DesiredIgnore, 'target' | 'key'>): boolean {
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
      ...stated.filter(({ target }) => !unread.has(target) && comparisons.some(one => one.target === target)).map(back),
    ],
  };
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
    detail: `${target} could not be read (${unread?.code}: ${unread?.summary}). The file leaves it alone until ${until}: ${reason} (${owner}).${waiters}`,
    where: source,
    target,
  });
}

function back({ target, until, source }: DesiredIgnore): Finding {
  return finding('ignore.answers', {
    detail: `${target} is said to be away until ${until}. It was read, and is planned like every other host.\nRemove the entry.`,
    where: source,
    target,
  });
}
