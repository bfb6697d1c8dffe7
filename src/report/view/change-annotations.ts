import type { Change } from '../../core/change.ts';
import { count } from '../../core/count.ts';
import type { Severity } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import type { PlanReport } from '../../core/report.ts';
import { rowOf } from '../../core/stages.ts';
import { shortName } from '../../ldap/distinguished-name.ts';
import type { Annotation, Places } from './annotation.ts';
import {
  commonCohort,
  type FoldedChange,
  foldChanges,
  type HostFold,
  mostTraces,
  renderFoldedValues,
} from './folded-changes.ts';
import { type PlacedChange, placeChanges } from './placed-changes.ts';
import { firstNames, originWords, renderTrace } from './words.ts';

/**
 * The changes of a plan as annotations: one for each setting of a host, or for all hosts about which the same is said, and one
 * for accounts about which the same is said.
 */
export function changeAnnotations(report: PlanReport, places: Places, hosts: HostFold): readonly Annotation[] {
  const titles = new Map(report.managed?.map(({ kind, title }) => [kind, title]));
  return foldChanges(placeChanges(report), hosts).map(folded => changeAnnotation(folded, titles, places));
}

function changeAnnotation(folded: FoldedChange, titles: ReadonlyMap<string, string>, places: Places): Annotation {
  const { first, all } = folded;
  const { kind, target, change, origin } = first;
  const { source, live, action, key, group } = change;
  return {
    rule: `change/${kind}`,
    level: levelOf(first),
    title: moveTitle(change) ?? titles.get(kind) ?? 'Something is to be changed',
    message: changeText(folded),
    where: source ?? places.ofTarget(target),
    ...(live && { live: { target, position: live } }),
    target,
    identity: [
      'change',
      kind,
      target,
      action,
      key,
      commonCohort(folded) ?? '',
      all.length === 1 && !group ? change.item : '',
      origin ?? '',
    ],
  };
}

function moveTitle({ moves }: Change): string | undefined {
  if (moves === 'cs7->cs6') return 'Accounts are to move back to Calendar Server 6';
  return moves === 'cs6->cs7' ? 'Accounts are to move to Calendar Server 7' : undefined;
}

function levelOf({ stage, change, origin }: PlacedChange): Severity {
  return change.irreversible !== undefined || origin === 'drift' || rowOf(stage).noticed ? 'warning' : 'note';
}

/** Changes about which the same is said in a few printable lines. */
export function changeText(folded: FoldedChange): string {
  const { first, all } = folded;
  const { action, key, reason, irreversible } = first.change;
  const restart = action === 'restart';
  const who = first.of === 'account' ? accountsNamed(folded) : hostsNamed(all);
  const why = reason === undefined ? '' : ` (${printable(reason)})`;
  return [
    `${who}: ${restart ? 'restart' : `${printable(key)} ${renderFoldedValues(folded)}`}${why}`,
    ...(first.origin ? [`Where it comes from: ${originWords[first.origin]}.`] : []),
    ...all.flatMap(({ trace }) => (trace ? [renderTrace(trace)] : [])).slice(0, mostTraces),
    ...(irreversible === undefined ? [] : [`Cannot be undone: ${printable(irreversible)}`]),
  ].join('\n');
}

function hostsNamed(all: readonly PlacedChange[]): string {
  const { shown, more } = firstNames(all.map(({ target }) => printable(target)));
  return `${shown.join(', ')}${more > 0 ? ` and ${count(more, 'more', 'more')}` : ''}`;
}

/** How many of many accounts are named. */
const examples = 3;

function accountsNamed(folded: FoldedChange): string {
  const { first, all } = folded;
  const names = all.slice(0, examples).map(({ change }) => printable(shortName(change.item)));
  const cohort = commonCohort(folded);
  const whose = cohort === undefined ? '' : ` of cohort ${printable(cohort)}`;
  const { moves } = first.change;
  const way = moves === 'cs7->cs6' ? 'back cs7 -> cs6' : 'cs6 -> cs7';
  const move = moves === undefined ? '' : ` ${all.length === 1 ? 'moves' : 'move'} ${way}`;
  return `${count(all.length, 'account')}${whose} (${names.join(', ')}${all.length > examples ? ', …' : ''})${move}`;
}
