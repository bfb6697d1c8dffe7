import type { Change } from '../../core/change.ts';
import type { Severity } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import type { AuditReport, PlanReport, Report } from '../../core/report.ts';
import type { ResultState, Run } from '../../core/run.ts';
import { rowOf } from '../../core/stages.ts';
import { count } from '../../core/units.ts';
import type { LikelyCause, VerifiedCell, VerifiedMail, VerifyReport } from '../../core/verification.ts';
import { shortName } from '../../ldap/distinguished-name.ts';
import { type Annotation, findingAnnotations, findPlaces, type Places } from './annotation.ts';
import { doctorFindings } from './doctor-view.ts';
import {
  commonCohort,
  type FoldedChange,
  foldChanges,
  type HostFold,
  mostTraces,
  type PlacedChange,
  placeChanges,
  renderFoldedValues,
} from './placed-changes.ts';
import { changeNumbersText } from './plan-counts.ts';
import { type FoldedResults, foldResults, numbersOfFold } from './run-results.ts';
import { runOf } from './verdict.ts';
import { planFindings, worstFirst } from './view-findings.ts';
import { firstNames, originWords, renderTrace } from './words.ts';

/**
 * All there is to look at in a report, the worst first; with the changes of a plan, one by one or folded over the hosts, or
 * without. `place` says what the reader calls a file.
 */
export function annotationsOf(
  report: Report,
  changes: HostFold | 'none',
  place: (file: string) => string = file => file,
): readonly Annotation[] {
  const placed = unsorted(report, changes).map(one => ({
    ...one,
    where: { ...one.where, file: place(one.where.file) },
  }));
  return worstFirst(placed, ({ level }) => level);
}

function unsorted(report: Report, changes: HostFold | 'none'): readonly Annotation[] {
  const places = findPlaces(report);
  switch (report.command) {
    case 'failed':
    case 'validate':
      return findingAnnotations(report.findings, places);
    case 'audit':
      return auditAnnotations(report, places);
    case 'verify':
      return verifyAnnotations(report, places);
    case 'doctor':
      return findingAnnotations(doctorFindings(report), places);
    default: {
      const findings = findingAnnotations(planFindings(report), places);
      // After a run, what became of the changes counts.
      const run = runOf(report);
      if (run) return [...findings, ...runAnnotations(run, places)];
      return changes === 'none' ? findings : [...findings, ...changeAnnotations(report, places, changes)];
    }
  }
}

/** What a change is called that did not end well. */
const titles: Readonly<
  Record<Exclude<ResultState, 'done' | 'unchanged'>, { readonly level: Severity; readonly title: string }>
> = {
  failed: { level: 'error', title: 'A change failed' },
  refused: { level: 'error', title: 'A change was refused: the live value is not the planned one' },
  unknown: { level: 'error', title: 'Whether a change was made is not known' },
  'not-run': { level: 'warning', title: 'A change was not made because an earlier step did not complete' },
  'taken-back': { level: 'warning', title: 'A change was undone' },
  held: { level: 'warning', title: 'A change that cannot be undone was held back' },
};

/** What an apply left undone as annotations: one for each step, state and explanation. */
function runAnnotations(run: Run, places: Places): readonly Annotation[] {
  return [
    ...run.steps.flatMap(step => [
      ...foldResults(step.results).flatMap(folded => resultAnnotation(step, folded, places)),
      ...findingAnnotations(step.finding ? [step.finding] : [], places),
    ]),
    ...findingAnnotations(run.unread, places),
    ...run.remaining.map(({ target, kind, changes }): Annotation => {
      const keys = [...new Set(changes.map(({ key }) => printable(key)))];
      return {
        rule: 'apply/remaining',
        level: 'error',
        title: 'Something still differs after the run',
        message: `${printable(target)}: ${count(changes.length, 'difference')} left (${keys.join(', ')}).`,
        where: changes.at(0)?.source ?? places.ofTarget(target),
        target,
        identity: ['remaining', target, kind],
      };
    }),
  ];
}

function resultAnnotation(
  { id, target }: Run['steps'][number],
  folded: FoldedResults,
  places: Places,
): readonly Annotation[] {
  const { first, n } = folded;
  const { change, state, detail = '' } = first;
  if (state === 'done' || state === 'unchanged') return [];
  const numbers = changeNumbersText(numbersOfFold(folded));
  const named = ` (${printable(`${change.item} ${change.key}`)}${n > 1 ? ', …' : ''})`;
  return [
    {
      rule: `apply/${state}`,
      ...titles[state],
      message: printable(`${id}: ${numbers}${named}\n${detail}`).trimEnd(),
      where: change.source ?? places.ofTarget(target),
      target,
      identity: ['apply', state, id],
    },
  ];
}

/** Look-ups and mail that do not work as annotations. */
function verifyAnnotations({ cells, mail, findings }: VerifyReport, places: Places): readonly Annotation[] {
  // What a finding says of a look-up is not said twice.
  const said = new Set(findings.map(({ code }) => code));
  return [
    ...cells
      .filter(({ state, problem }) => state !== 'works' && !(problem !== undefined && said.has(problem)))
      .map(cell => cellAnnotation(cell, places)),
    ...mail.filter(({ state }) => state !== 'works').map(one => mailAnnotation(one, places)),
    ...findingAnnotations(findings, places),
  ];
}

function cellAnnotation(cell: VerifiedCell, places: Places): Annotation {
  const { from, to, host, way, account, state, detail, causes } = cell;
  const names = { cs6: 'Calendar Server 6', cs7: 'Calendar Server 7' } as const;
  const fails = state === 'fails';
  return {
    rule: `verify/${from}-${to}-${way}${fails ? '' : '-unknown'}`,
    level: fails ? 'error' : 'warning',
    title: fails
      ? `Free/busy look-ups from ${names[from]} to ${names[to]} do not work`
      : `Whether free/busy look-ups from ${names[from]} to ${names[to]} work is not known`,
    message: [printable(`${host}, about ${account}: ${detail}`), ...causes.map(causeText)].join('\n'),
    ...placeOf(host, causes, places),
    identity: ['verify', from, to, way, host, account],
  };
}

function mailAnnotation({ host, what, state, detail, causes }: VerifiedMail, places: Places): Annotation {
  const fails = state === 'fails';
  return {
    rule: fails ? 'verify/mail' : 'verify/mail-unknown',
    level: fails ? 'error' : 'warning',
    title: fails
      ? 'Something that invitations by mail depend on does not work'
      : 'Whether something that invitations by mail depend on works is not known',
    message: [printable(`${host}, ${what}: ${detail}`), ...causes.map(causeText)].join('\n'),
    ...placeOf(host, causes, places),
    identity: ['verify', 'mail', host, what],
  };
}

function placeOf(host: string, causes: readonly LikelyCause[], places: Places): Pick<Annotation, 'where' | 'target'> {
  const source = causes.flatMap(cause => cause.source ?? [])[0];
  return { where: source ?? places.ofTarget(host), target: host };
}

function causeText({ target, key, why }: LikelyCause): string {
  return printable(`Most likely: ${target} ${key}. ${why}`);
}

/** What is not good as annotations, one for each class. */
function auditAnnotations({ classes, findings }: AuditReport, places: Places): readonly Annotation[] {
  return [
    ...classes.map(({ name, of, count: n, examples, means, remedy }): Annotation => {
      const named = examples.map(printable).join('; ');
      return {
        rule: `audit/${name}`,
        level: name === 'unknown' || name === 'virtual-value' ? 'warning' : 'error',
        title: means,
        message: `${count(n, of === 'accounts' ? 'account' : 'calendar')}, e.g. ${named}${n > examples.length ? '; …' : ''}\n${printable(remedy)}`,
        where: places.ofTarget(undefined),
        identity: ['audit', name],
      };
    }),
    ...findingAnnotations(findings, places),
  ];
}

/**
 * The changes of a plan as annotations: one for each setting of a host, or for all hosts about which the same is said, and one
 * for accounts about which the same is said.
 */
function changeAnnotations(report: PlanReport, places: Places, hosts: HostFold): readonly Annotation[] {
  const titles = new Map(report.managed?.map(({ kind, title }) => [kind, title]));
  return foldChanges(placeChanges(report), hosts).map(folded => changeAnnotation(folded, titles, places));
}

function changeAnnotation(folded: FoldedChange, titles: ReadonlyMap<string, string>, places: Places): Annotation {
  const { first, n } = folded;
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
      n === 1 && !group ? change.item : '',
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
  const { first, all, n } = folded;
  const names = all.slice(0, examples).map(({ change }) => printable(shortName(change.item)));
  const cohort = commonCohort(folded);
  const whose = cohort === undefined ? '' : ` of cohort ${printable(cohort)}`;
  const { moves } = first.change;
  const way = moves === 'cs7->cs6' ? 'back cs7 -> cs6' : 'cs6 -> cs7';
  const move = moves === undefined ? '' : ` ${n === 1 ? 'moves' : 'move'} ${way}`;
  return `${count(n, 'account')}${whose} (${names.join(', ')}${n > examples ? ', …' : ''})${move}`;
}
