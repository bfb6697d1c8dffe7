import type { Change } from '../../core/change.ts';
import { count } from '../../core/count.ts';
import type { Severity } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import type { PlanReport } from '../../core/report.ts';
import { rowOf } from '../../core/stages.ts';
import { shortName } from '../../ldap/distinguished-name.ts';
import { commonValues, foldAccounts, renderValues } from '../text/change-lines.ts';
import { isOfHost } from './account-blocks.ts';
import type { Annotation, Places } from './annotation.ts';
import { likeness, originWords, type PlacedChange, placeChanges, renderTrace } from './placed-changes.ts';

/**
 * The changes of a plan as annotations: one for each setting of a host, or for all hosts of which the same can be said, and one for
 * accounts of which the same can be said.
 */
export function changeAnnotations(report: PlanReport, places: Places, hosts: 'each' | 'folded'): readonly Annotation[] {
  const titles = new Map(report.managed?.map(({ kind, title }) => [kind, title]));
  return foldPlaced(placeChanges(report), hosts).flatMap(same => changeAnnotation(same, titles, places) ?? []);
}

/** Changes in groups of which the same can be said: accounts within a step, and hosts where they are to be folded. */
export function foldPlaced(
  placed: readonly PlacedChange[],
  hosts: 'each' | 'folded',
): readonly (readonly PlacedChange[])[] {
  const groups = new Map<string, PlacedChange[]>();
  for (const one of placed) {
    const id = isAccount(one) || hosts === 'each' ? one.step : likeness(one);
    const group = groups.get(id);
    if (group) group.push(one);
    else groups.set(id, [one]);
  }
  return [...groups.values()].flatMap(own => {
    if (own.some(isAccount)) return foldAccounts(own);
    return hosts === 'each' ? own.map(one => [one]) : [own];
  });
}

function changeAnnotation(
  same: readonly PlacedChange[],
  titles: ReadonlyMap<string, string>,
  places: Places,
): Annotation | undefined {
  const [first] = same;
  if (!first) return undefined;
  const { kind, target, change, origin } = first;
  const { source, live, action, key, group } = change;
  return {
    rule: `change/${kind}`,
    level: levelOf(first),
    title: moveTitle(change) ?? titles.get(kind) ?? 'Something is to be changed',
    message: changeText(same),
    where: source ?? places.ofTarget(target),
    ...(live && { live: { target, position: live } }),
    target,
    identity: [
      'change',
      kind,
      target,
      action,
      key,
      group ?? '',
      same.length === 1 && !group ? change.item : '',
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

/** One change, or accounts of which the same can be said, in a few printable lines. */
export function changeText(same: readonly PlacedChange[]): string {
  const [first] = same;
  if (!first) return '';
  const { change, origin } = first;
  const values = change.action === 'restart' ? 'restart' : isAccount(first) ? commonValues(same) : renderValues(change);
  const who = isAccount(first) ? accountsNamed(same) : hostsNamed(same);
  const reason = change.reason === undefined ? '' : ` (${printable(change.reason)})`;
  const traces = same.flatMap(({ trace }) => (trace ? [renderTrace(trace)] : []));
  return [
    `${who}: ${change.action === 'restart' ? '' : `${printable(change.key)} `}${values}${reason}`,
    ...(origin ? [`Where it comes from: ${originWords[origin]}.`] : []),
    ...traces.slice(0, examples),
    ...(change.irreversible === undefined ? [] : [`Cannot be undone: ${printable(change.irreversible)}`]),
  ].join('\n');
}

/** How many of many are named. */
const examples = 3;

function isAccount(placed: PlacedChange): boolean {
  return !isOfHost(placed);
}

function hostsNamed(same: readonly PlacedChange[]): string {
  const names = same.slice(0, examples).map(({ target }) => printable(target));
  const rest = same.length - names.length;
  return `${names.join(', ')}${rest > 0 ? ` and ${count(rest, 'more', 'more')}` : ''}`;
}

function accountsNamed(same: readonly PlacedChange[]): string {
  const names = same.slice(0, examples).map(({ change }) => printable(shortName(change.item)));
  const group = same[0]?.change.group;
  const cohort = group === undefined ? '' : ` of cohort ${printable(group)}`;
  const move = same[0]?.change.moves;
  const way = move === 'cs7->cs6' ? 'back cs7 -> cs6' : 'cs6 -> cs7';
  const moves = move === undefined ? '' : ` ${same.length === 1 ? 'moves' : 'move'} ${way}`;
  return `${count(same.length, 'account')}${cohort} (${names.join(', ')}${same.length > examples ? ', …' : ''})${moves}`;
}
