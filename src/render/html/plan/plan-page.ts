import { count } from '../../../core/count.ts';
import type { ChangeOrigin, PlanReport } from '../../../core/report.ts';
import { ageText, originWords, type PlacedChange, placeChanges } from '../../placed-changes.ts';
import { accountsText, toldFindings } from '../../plan-facts.ts';
import { isTime } from '../../report-facts.ts';
import { estateSection } from '../estate/estate-section.ts';
import { findingList } from '../findings.ts';
import { html, type Part } from '../html.ts';
import type { HtmlOptions } from '../options.ts';
import type { Figure, PageContent, Section } from '../page.ts';
import { runSection } from '../run/run-section.ts';
import { moment, name, names } from '../texts.ts';
import { changeSections } from './change-sections.ts';
import { hostLimit, planCounts } from './counts.ts';
import { ignoredSection } from './ignored.ts';
import { nextSection } from './next-section.ts';
import { orderSection } from './order-section.ts';
import { planVerdict } from './verdict.ts';

/** The page of a plan, a check, a drift, an apply or an undo. */
export function planPage(report: PlanReport, options: HtmlOptions): PageContent {
  const { command, plan } = report;
  const placed = placeChanges(report);
  return {
    command: plan.undoes === undefined ? command : `${command} ${plan.undoes}`,
    subject: plan.desired.name,
    verdict: planVerdict(report),
    facts: facts(report, options),
    figures: figures(report, placed),
    sections: sections(report, placed, options),
    foot: [
      html`Plan <code>${plan.digest}</code>`,
      html`made by reconcile ${plan.tool}`,
      html`wanted state <code>${plan.desiredSha256.slice(0, 12)}</code>`,
    ],
  };
}

function facts(report: PlanReport, { now, savedPlan }: HtmlOptions): readonly Part[] {
  const { plan } = report;
  const snapshot = 'snapshot' in report ? report.snapshot : undefined;
  return [
    snapshot
      ? html`from the reading ${name(snapshot.file)}, taken ${moment(snapshot.takenAt)}${age(snapshot.takenAt, now)}: not from live`
      : html`read ${moment(plan.readAt)}`,
    count(plan.hosts, 'host'),
    accountsText(plan.accounts),
    ...(plan.unread.length > 0 ? [html`not read: ${names(plan.unread)}`] : []),
    ...(savedPlan !== undefined ? [html`may be applied until ${moment(plan.expiresAt)}`] : []),
    html`plan <code>${plan.digest.slice(0, 8)}</code>`,
  ];
}

function age(at: string, now: string | undefined): string {
  return now !== undefined && isTime(at) && isTime(now) ? `, ${ageText(at, now)} before` : '';
}

/** What it costs comes first. */
function figures(report: PlanReport, placed: readonly PlacedChange[]): readonly Figure[] {
  const { plan } = report;
  const { restarts, hosts, allHosts, uniqueIds, moves, logins, deletions } = planCounts(plan);
  if (placed.length === 0) return [];
  const { limits } = plan.desired;
  return [
    {
      label: 'Restarts',
      value: restarts,
      beside: hostLimit(limits.restarts),
      ...(restarts > 0 && { tone: 'warn' as const }),
    },
    { label: 'Hosts that change', value: hosts, beside: `of ${allHosts}` },
    { label: 'Moves', value: moves, beside: `of ${accountsText(plan.accounts)}` },
    ...(uniqueIds > 0 ? [{ label: 'Unique ids', value: uniqueIds }] : []),
    ...(logins > 0 ? [{ label: 'Logins to CS6 denied', value: logins }] : []),
    {
      label: 'Deletions',
      value: deletions,
      beside: deletions > 0 ? `cannot be undone, limit ${count(limits.deletes, 'account')}` : 'nothing is lost',
      ...(deletions > 0 && { tone: 'bad' as const }),
    },
    ...originFigures(placed),
  ];
}

function originFigures(placed: readonly PlacedChange[]): readonly Figure[] {
  if (placed.every(({ origin }) => origin === undefined)) return [];
  return (Object.keys(originWords) as readonly ChangeOrigin[]).map(origin => ({
    label: originWords[origin].replace(/^./, letter => letter.toUpperCase()),
    value: placed.filter(one => one.origin === origin).length,
  }));
}

function sections(report: PlanReport, placed: readonly PlacedChange[], options: HtmlOptions): readonly Section[] {
  const { plan } = report;
  const told = toldFindings(report);
  const findings: readonly Section[] =
    told.length > 0 ? [{ id: 'findings', title: 'Findings', count: told.length, body: findingList(told) }] : [];
  const urgent = told.some(({ severity }) => severity === 'error');
  return [
    ...('run' in report && report.run ? [runSection(report.run)] : []),
    ...(urgent ? findings : []),
    estateSection(report),
    ...orderSection(plan),
    ...changeSections(plan, placed),
    ...ignoredSection(plan),
    ...(urgent ? [] : findings),
    ...nextSection(report, options),
  ];
}
