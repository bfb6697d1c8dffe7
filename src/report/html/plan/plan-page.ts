import type { HostCount } from '../../../core/desired.ts';
import type { Plan } from '../../../core/plan.ts';
import type { PlanReport } from '../../../core/report.ts';
import { rowOf, tierTitles } from '../../../core/stages.ts';
import { count } from '../../../core/units.ts';
import { accountsText } from '../../view/change-sections.ts';
import type { PlacedChange } from '../../view/placed-changes.ts';
import { changeNumbersText, countPlaced, hostsText } from '../../view/plan-counts.ts';
import type { DrawOptions } from '../../view/plan-view.ts';
import { type PlanView, viewPlan } from '../../view/plan-view.ts';
import { leftOutText, runOf } from '../../view/verdict.ts';
import { unnamed } from '../../view/without-names.ts';
import { dateText } from '../../view/words.ts';
import { bounded, bounds, listed, moment, name, names, provenanceFacts, shorten } from '../elements.ts';
import { estateSection } from '../estate/estate-section.ts';
import { command, findingSections } from '../finding-section.ts';
import { type Html, html, type Part } from '../html.ts';
import type { PageContent, Section } from '../page.ts';
import { changeSections, valueDiff } from './change-tables.ts';
import { planFigures, planVerdictWords } from './plan-banner.ts';
import { runSection } from './run-section.ts';

/** The page of a plan, a check, a drift, an apply or an undo. */
export function planPage(report: PlanReport, options: DrawOptions): PageContent {
  const { command: called, plan } = report;
  const view = viewPlan(report, 'folded', options);
  return {
    command: plan.undoes === undefined ? called : `${called} ${plan.undoes}${plan.andLater ? ' --and-later' : ''}`,
    subject: plan.desired.name,
    verdict: planVerdictWords(view),
    facts: facts(view, options),
    figures: planFigures(view),
    sections: sections(view),
    foot: [
      html`Plan <code>${plan.digest}</code>`,
      html`made by reconcile ${plan.tool}`,
      html`wanted state <code>${plan.desiredSha256.slice(0, 12)}</code>`,
    ],
  };
}

function facts({ report, snapshot }: PlanView, { savedPlan }: DrawOptions): readonly Part[] {
  const { plan } = report;
  return [
    ...provenanceFacts(report),
    snapshot
      ? html`from the reading ${name(snapshot.file)}, taken ${moment(snapshot.takenAt)}${snapshot.age !== undefined && `, ${snapshot.age} before`}: not from live`
      : html`read ${moment(plan.readAt)}`,
    ...(plan.at === undefined ? [] : [html`planned for ${dateText(plan.at)}; cannot be applied`]),
    ...narrowedFacts(plan),
    hostsText(plan),
    accountsText(plan.accounts),
    ...(plan.unread.length > 0 ? [html`not read: ${names(plan.unread)}`] : []),
    ...(savedPlan !== undefined && !runOf(report) ? [html`may be applied until ${moment(plan.expiresAt)}`] : []),
    html`plan <code>${plan.digest.slice(0, 8)}</code>`,
  ];
}

function narrowedFacts(plan: Plan): readonly Part[] {
  const left = leftOutText(plan);
  return [
    ...(plan.only ? [html`only ${names(plan.only)}`] : []),
    ...(plan.except ? [html`except ${names(plan.except)}`] : []),
    ...(plan.origin ? [html`origin ${names(plan.origin)}`] : []),
    ...(left === '' ? [] : [left]),
  ];
}

function sections(view: PlanView): readonly Section[] {
  const { report } = view;
  const run = runOf(report);
  const findings = findingSections(view.findings);
  const urgent = view.findings.some(({ severity }) => severity === 'error');
  return [
    ...(run ? [runSection(run)] : []),
    ...(urgent ? findings : []),
    estateSection(report),
    ...orderSection(view),
    ...changeSections(view),
    ...ignoredSection(report.plan),
    ...(urgent ? [] : findings),
    ...nextSection(view),
  ];
}

/** What the file says to leave alone for a while. */
function ignoredSection({ ignored }: Plan): readonly Section[] {
  if (ignored.length === 0) return [];
  const { shown, more } = bounded(ignored, bounds.cells);
  const entry = ({ target, change, until, reason, owner }: Plan['ignored'][number]) => html`<li class="change">
<p class="head"><span class="badge">left alone</span> ${name(change.key)} <span class="reach">on ${name(target)}${target === 'directory' && change.item !== unnamed && html`, ${name(change.item)}`}</span></p>
${valueDiff(change)}
<ul class="meta"><li>until ${shorten(until, bounds.name)}</li><li>${shorten(reason, bounds.value)}</li><li>asked for by ${shorten(owner, bounds.name)}</li></ul>
</li>`;
  const body = html`<p class="intro">These settings differ. reconcile leaves them alone until the date given.</p>
<ul class="changes plain">${shown.map(entry)}</ul>${more > 0 && html`<p class="more">and ${count(more, 'more', 'more')}</p>`}`;
  return [{ id: 'ignored', title: 'Left alone for a while', count: ignored.length, body }];
}

/** The commands that come after this, to copy; nothing where there is none. */
function nextSection({ report, next, gates }: PlanView): readonly Section[] {
  const asked = report.refusals.length > 0 || runOf(report) ? [] : gates.map(line => html`<p>${line}</p>`);
  const steps = next.map(step => html`<p>${step.text}</p>${command(step.command)}`);
  if (asked.length + steps.length === 0) return [];
  return [{ id: 'next', title: 'Next commands', body: html`${asked}${steps}` }];
}

/** How many hosts of a tier are named. */
const mostHosts = 12;

/** What is done first and what later, as the plan has it. */
function orderSection({ report, placed }: PlanView): readonly Section[] {
  const tiers = consecutive(placed);
  if (tiers.length < 2) return [];
  const body = html`<ol class="order">${tiers.map(tier => tierEntry(tier, report.plan.desired))}</ol>`;
  return [{ id: 'order', title: 'In this order', count: count(tiers.length, 'stage'), body }];
}

interface Tier {
  readonly tier: number;
  readonly placed: readonly PlacedChange[];
}

function consecutive(placed: readonly PlacedChange[]): readonly Tier[] {
  const tiers: { readonly tier: number; readonly placed: PlacedChange[] }[] = [];
  for (const one of placed) {
    const { tier } = rowOf(one.stage);
    const last = tiers.at(-1);
    if (last?.tier === tier) last.placed.push(one);
    else tiers.push({ tier, placed: [one] });
  }
  return tiers;
}

function tierEntry({ tier, placed }: Tier, { roll }: Plan['desired']): Html {
  const numbers = countPlaced(placed);
  const hosts = [...new Set(placed.map(({ target }) => target))].filter(target => target !== 'directory');
  const side = placed.find(one => one.side)?.side;
  const way = side && numbers.restarts > 0 && hosts.length > 1 && `, ${rollText(roll[side])}`;
  return html`<li><b>${tierTitles[tier] ?? ''}</b> <span class="quiet">${changeNumbersText(numbers)}${way}</span>${
    hosts.length > 0 && html`<br><span class="hosts">${names(hosts, mostHosts)}</span>`
  }</li>`;
}

/** How the hosts of a side follow each other. */
function rollText(batches: readonly HostCount[]): string {
  if (batches.length === 0) return 'one by one';
  return `in batches up to ${listed(batches.map(batch => ('hosts' in batch ? count(batch.hosts, 'host') : `${batch.percent} %`)))}, then one by one`;
}
