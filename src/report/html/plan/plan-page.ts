import { deletionsOf } from '../../../core/change.ts';
import { count } from '../../../core/count.ts';
import type { Plan } from '../../../core/plan.ts';
import type { ChangeOrigin, PlanReport } from '../../../core/report.ts';
import { stages } from '../../../core/stages.ts';
import { ageText, originWords, type PlacedChange, placeChanges } from '../../view/placed-changes.ts';
import { planNumbers } from '../../view/plan-counts.ts';
import { accountsText, toldFindings } from '../../view/plan-facts.ts';
import { isTime } from '../../view/report-facts.ts';
import { estateSection } from '../estate/estate-section.ts';
import { findingList } from '../findings.ts';
import { html, type Part } from '../html.ts';
import type { HtmlOptions } from '../options.ts';
import type { Figure, PageContent, Section } from '../page.ts';
import { bounded, bounds, moment, name, names, shorten } from '../texts.ts';
import { valueDiff } from '../values.ts';
import { changeSections } from './change-sections.ts';
import { nextSection } from './next-section.ts';
import { orderSection } from './order-section.ts';
import { runSection } from './run-section.ts';
import { hostLimit } from './shown-limits.ts';
import { planVerdict } from './verdict.ts';

/** What the file says to leave alone for a while. */
function ignoredSection({ ignored }: Plan): readonly Section[] {
  if (ignored.length === 0) return [];
  const { shown, more } = bounded(ignored, bounds.cells);
  const entry = ({ target, change, until, reason, owner }: Plan['ignored'][number]) => html`<li class="change">
<p class="head"><span class="badge">left alone</span> ${name(change.key)} <span class="reach">on ${name(target)}${target === 'directory' && html`, ${name(change.item)}`}</span></p>
${valueDiff(change)}
<ul class="meta"><li>until ${shorten(until, bounds.name)}</li><li>${shorten(reason, bounds.value)}</li><li>asked for by ${shorten(owner, bounds.name)}</li></ul>
</li>`;
  const body = html`<p class="intro">These differ, and are neither planned nor applied until their day.</p>
<ul class="changes plain">${shown.map(entry)}</ul>${more > 0 && html`<p class="more">and ${count(more, 'more', 'more')}</p>`}`;
  return [{ id: 'ignored', title: 'Left alone for a while', count: ignored.length, body }];
}

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
  if (placed.length === 0) return [];
  const { restarts, hosts, movesToCs7, movesBackToCs6, stages: changes } = planNumbers(plan);
  const deletions = deletionsOf(plan.steps).length;
  const { limits, cs6, cs7 } = plan.desired;
  const accounts = `of ${accountsText(plan.accounts)}`;
  return [
    {
      label: 'Restarts',
      value: restarts,
      beside: hostLimit(limits.restarts),
      ...(restarts > 0 && { tone: 'warn' as const }),
    },
    { label: 'Hosts that change', value: hosts, beside: `of ${cs6.length + cs7.length}` },
    { label: 'Moves to CS7', value: movesToCs7, beside: accounts },
    {
      label: 'Moves back to CS6',
      value: movesBackToCs6,
      beside: accounts,
      ...(movesBackToCs6 > 0 && { tone: 'bad' as const }),
    },
    ...stages.flatMap(({ stage, view, counted: { many } }) => {
      const value = changes[stage] ?? 0;
      return view.by === 'account' && value > 0 ? [{ label: capital(many), value }] : [];
    }),
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
    label: capital(originWords[origin]),
    value: placed.filter(one => one.origin === origin).length,
  }));
}

function capital(text: string): string {
  return text.replace(/^./, letter => letter.toUpperCase());
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
